// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.reverseproxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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
              }
            }
            """
                .formatted(folder, port, examples.beside("nginx"), examples.rule("nginx")));
    return List.of(program().toString(), "-e", "stderr", "-c", file.toString());
  }
}
