// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.reverseproxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Behind Caddy. */
final class CaddyTest extends ReverseProxyContract {

  @Override
  Path program() {
    return Path.of("/usr/bin/caddy");
  }

  @Override
  List<String> configure(Path folder, int port, Examples examples) throws IOException {
    var file =
        Files.writeString(
            folder.resolve("Caddyfile"),
            """
            {
              admin off
              auto_https off
            }
            http://:%d {
              bind 127.0.0.1
              %s
              handle {
                respond "Nextcloud" 404
              }
            }
            """
                .formatted(port, examples.rule("caddy")));
    return List.of(
        program().toString(), "run", "--adapter", "caddyfile", "--config", file.toString());
  }
}
