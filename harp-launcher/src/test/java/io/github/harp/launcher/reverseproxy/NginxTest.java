// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.reverseproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Behind nginx, beside a rule of Nextcloud's own that wants all scripts. */
final class NginxTest extends ReverseProxyContract {

  @Override
  Path program() {
    return Path.of("/usr/sbin/nginx");
  }

  @Override
  List<String> configure(Path folder, int port, Examples examples) throws IOException {
    var file =
        Files.writeString(
            folder.resolve("nginx.conf"),
            """
            user root;
            daemon off;
            worker_processes 1;
            pid %1$s/nginx.pid;
            error_log stderr;
            events {}
            http {
              access_log off;
              client_body_temp_path %1$s/body;
              proxy_temp_path %1$s/proxy;
              fastcgi_temp_path %1$s/fastcgi;
              uwsgi_temp_path %1$s/uwsgi;
              scgi_temp_path %1$s/scgi;
              %3$s
              server {
                listen 127.0.0.1:%2$d;
                location ~ \\.(?:css|js|mjs|svg)$ { return 404; }
                %4$s
                %5$s
              }
            }
            """
                .formatted(
                    folder,
                    port,
                    examples.beside("nginx"),
                    examples.rule("nginx"),
                    examples.tunnels("nginx")));
    return List.of(program().toString(), "-e", "stderr", "-c", file.toString());
  }

  /** Before 1.29. */
  @Override
  boolean takesEarlyHintsForTheAnswer() {
    return true;
  }

  @Test
  void withoutTheSizesOfItsBuffersLargeHeadsAre502(@TempDir Path folder) throws Exception {
    var port = freePort();
    run(folder, port, without(folder, port, "proxy_buffer_size 32k;", "proxy_buffers 4 32k;"));

    assertThat(status(inFolder("x?headers=3").setPort(port))).isEqualTo(200);
    assertThat(status(inFolder("x?headers=7").setPort(port))).isEqualTo(502);
  }

  @Test
  void itsHostLosesThePortThatItsHttpHostKeeps(@TempDir Path folder) throws Exception {
    var port = freePort();
    var command = configure(folder, port, examples());
    var file = folder.resolve("nginx.conf");
    Files.writeString(file, Files.readString(file).replace("Host $harp_host;", "Host $host;"));
    run(folder, port, command);

    var echo = json(request(HttpMethod.GET, "api/echo").setPort(port));

    assertThat(echo.getJsonObject("headers").getString("host")).isEqualTo("127.0.0.1");
  }

  @Test
  void itRefusesOneOfTheSizesWithoutTheOther(@TempDir Path folder) throws Exception {
    var command = new ArrayList<>(without(folder, freePort(), "proxy_buffers 4 32k;"));
    command.add("-t");

    var nginx = new ProcessBuilder(command).redirectErrorStream(true).start();

    assertThat(new String(nginx.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .contains("\"proxy_busy_buffers_size\" must be");
    assertThat(nginx.waitFor()).isNotZero();
  }

  /** Whose certificate frpc verifies. */
  @ParameterizedTest
  @ValueSource(strings = {"0.61.1", "0.70.1"})
  void anEngineDialsInByHttps(String version, @TempDir Path folder) throws Exception {
    var port = freePort();
    var command = configure(folder, port, examplesInFolder());
    var file = folder.resolve("nginx.conf");
    var tls =
        "listen 127.0.0.1:%d ssl; ssl_certificate %s; ssl_certificate_key %s;"
            .formatted(
                port, certificates().resolve("server.crt"), certificates().resolve("server.key"));
    var plain = "listen 127.0.0.1:%d;".formatted(port);
    Files.writeString(file, Files.readString(file).replace(plain, tls));
    run(folder, port, command);

    dialIn(version, "wss", port, true, folder);
  }

  private List<String> without(Path folder, int port, String... lines) throws IOException {
    var command = configure(folder, port, examplesInFolder());
    var file = folder.resolve("nginx.conf");
    var text = Files.readString(file);
    for (var line : lines) {
      assertThat(text).contains(line);
      text = text.replace(line, "");
    }
    Files.writeString(file, text);
    return command;
  }
}
