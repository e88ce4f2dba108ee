// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.reverseproxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Behind Apache, with the modules that the document names and no others. */
final class ApacheTest extends ReverseProxyContract {

  @Override
  Path program() {
    return Path.of("/usr/sbin/apache2");
  }

  @Override
  List<String> configure(Path folder, int port, Examples examples) throws IOException {
    var file =
        Files.writeString(
            folder.resolve("apache2.conf"),
            """
            ServerRoot /usr/lib/apache2
            DefaultRuntimeDir %1$s
            PidFile %1$s/apache2.pid
            ErrorLog %1$s/error.log
            ServerName 127.0.0.1
            User www-data
            Group www-data
            LoadModule mpm_event_module modules/mod_mpm_event.so
            LoadModule authz_core_module modules/mod_authz_core.so
            LoadModule headers_module modules/mod_headers.so
            LoadModule proxy_module modules/mod_proxy.so
            LoadModule proxy_http_module modules/mod_proxy_http.so
            StartServers 1
            Listen 127.0.0.1:%2$d
            <VirtualHost *:%2$d>
            %3$s
            </VirtualHost>
            """
                .formatted(folder, port, examples.rule("apache")));
    return List.of(program().toString(), "-f", file.toString(), "-DFOREGROUND");
  }
}
