// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.far;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.process.Toolbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What bytes pass that go through Nextcloud: nginx, PHP, and a line from there to the worker. */
final class PhpProxy {
  private PhpProxy() {}

  /** nginx and php-fpm, as Nextcloud's manual sets them up, with {@code proxy.php}. */
  static Way on(FarLab far, Toolbox tools) {
    var folder = far.folder();
    try (var script = PhpProxy.class.getResourceAsStream("/proxy.php")) {
      if (script == null) {
        throw new BenchException("proxy.php is not in the harness");
      }
      Files.write(folder.resolve("proxy.php"), script.readAllBytes());
    } catch (IOException e) {
      throw new BenchException("proxy.php cannot be written to " + folder, e);
    }
    var pool =
        """
        [global]
        error_log = /dev/stderr
        [www]
        user = root
        listen = %1$s/php
        pm = static
        pm.max_children = 4
        catch_workers_output = yes
        php_admin_value[post_max_size] = 16G
        php_admin_value[upload_tmp_dir] = %1$s
        php_admin_value[max_input_time] = 3600
        """
            .formatted(folder);
    var fpm =
        far.start(
                Host.SERVER,
                "php-fpm",
                Map.of(),
                List.of(phpFpm(), "-F", "-R", "-y", far.write("php-fpm.conf", pool) + ""))
            .awaitLog("ready to handle connections");
    var config =
        """
        user root; # matters to root only, whose folder no other user may read
        worker_processes auto;
        pid nginx.pid;
        error_log stderr warn;
        events {}
        http {
          access_log off;
          client_max_body_size 0;
          client_body_buffer_size 512k;
          client_body_temp_path body;
          proxy_temp_path proxied;
          fastcgi_temp_path fastcgi;
          uwsgi_temp_path unused;
          scgi_temp_path unused;
          server {
            listen 8090;
            location / {
              fastcgi_pass unix:%1$s/php;
              fastcgi_request_buffering off;
              fastcgi_max_temp_file_size 0;
              fastcgi_read_timeout 1h;
              fastcgi_send_timeout 1h;
              fastcgi_param SCRIPT_FILENAME %1$s/proxy.php;
              fastcgi_param REQUEST_METHOD $request_method;
              fastcgi_param REQUEST_URI $request_uri;
              fastcgi_param CONTENT_TYPE $content_type;
              fastcgi_param CONTENT_LENGTH $content_length;
              fastcgi_param EXAPP %2$s:%3$d;
            }
          }
        }
        """
            .formatted(folder, Host.WORKER.address(), FarSystems.EXAPP_PORT);
    var program = tools.nginx().path().toString();
    var file = far.write("nginx.conf", config).toString();
    var nginx =
        far.start(
            Host.SERVER,
            "nginx",
            Map.of(),
            List.of(program, "-p", folder + "", "-c", file, "-g", "daemon off;"));
    var url = "http://" + Host.SERVER.address() + ":8090";
    return new Way(Host.USER, url, List.of(nginx, fpm));
  }

  /** Its name has PHP's version in Debian. */
  private static String phpFpm() {
    for (var folder : List.of("/usr/sbin", "/usr/local/sbin", "/usr/bin")) {
      try (var files = Files.newDirectoryStream(Path.of(folder), "php-fpm*")) {
        for (var file : files) {
          return file.toString();
        }
      } catch (IOException e) {
        continue;
      }
    }
    throw new BenchException(
        "php-fpm is not on this machine; install the Debian packages php-fpm and php-curl");
  }
}
