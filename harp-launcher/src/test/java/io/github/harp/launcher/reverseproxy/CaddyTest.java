// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.reverseproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Behind Caddy. */
final class CaddyTest extends ReverseProxyContract {

  @Override
  Path program() {
    return Path.of("/usr/bin/caddy");
  }

  @Override
  List<String> configure(Path folder, int port, Examples examples) throws IOException {
    return configure(folder, port, "off", examples);
  }

  private List<String> configure(Path folder, int port, String admin, Examples examples)
      throws IOException {
    var file =
        Files.writeString(
            folder.resolve("Caddyfile"),
            """
            {
              admin %3$s
              auto_https off
            }
            http://:%1$d {
              bind 127.0.0.1
              %2$s
              %4$s
              handle {
                respond "Nextcloud" 404
              }
            }
            """
                .formatted(port, examples.rule("caddy"), admin, examples.tunnels("caddy")));
    return List.of(
        program().toString(), "run", "--adapter", "caddyfile", "--config", file.toString());
  }

  /** Before 2.7. */
  @Override
  boolean makesCutAnswersWhole() {
    return true;
  }

  @Test
  void aChangeOfItsFileClosesWebSockets(@TempDir Path folder) throws Exception {
    var port = freePort();
    var admin = "127.0.0.1:" + freePort();
    run(folder, port, configure(folder, port, admin, examples()));
    var closed = Promise.<Short>promise();
    var webSockets = vertx.createWebSocketClient();
    var socket = get(webSockets.connect(chat().setPort(port)));
    socket.closeHandler(end -> closed.complete(socket.closeStatusCode()));

    var file = folder.resolve("Caddyfile");
    Files.writeString(file, Files.readString(file).replace("404", "410"));
    run("reload", "--adapter", "caddyfile", "--address", admin, "--config", file.toString());

    assertThat(get(closed.future())).isEqualTo((short) 1001);
    get(webSockets.close());
  }

  private void run(String... arguments) throws Exception {
    var command = new ArrayList<>(List.of(program().toString()));
    command.addAll(List.of(arguments));
    var caddy = new ProcessBuilder(command).inheritIO().start();
    assertThat(caddy.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(caddy.exitValue()).isZero();
  }
}
