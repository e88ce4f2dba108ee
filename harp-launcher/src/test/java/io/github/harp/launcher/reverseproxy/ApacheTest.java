// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.reverseproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Behind Apache, with the modules that the document names and no others. */
final class ApacheTest extends ReverseProxyContract {

  @Override
  Path program() {
    return Path.of("/usr/sbin/apache2");
  }

  @Override
  boolean noticesWhoLeavesASilentStream() {
    return false;
  }

  @Override
  List<String> configure(Path folder, int port, Examples examples) throws IOException {
    return configure(folder, port, "", examples);
  }

  private List<String> configure(Path folder, int port, String more, Examples examples)
      throws IOException {
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
            %4$s
            StartServers 1
            Listen 127.0.0.1:%2$d
            <VirtualHost *:%2$d>
            %3$s
            %5$s
            </VirtualHost>
            """
                .formatted(
                    folder, port, examples.rule("apache"), more, examples.tunnels("apache")));
    return List.of(program().toString(), "-f", file.toString(), "-DFOREGROUND");
  }

  @Test
  void trailersPassOverHttp2Only(@TempDir Path folder) throws Exception {
    var port = freePort();
    var http2 = "LoadModule http2_module modules/mod_http2.so\nProtocols h2c http/1.1";
    run(folder, port, configure(folder, port, http2, examplesInFolder()));
    var options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false);

    assertThat(trailers(new HttpClientOptions(), port)).isEmpty();
    assertThat(trailers(options, port)).containsExactly("last");
  }

  private List<String> trailers(HttpClientOptions options, int port) {
    var client = vertx.createHttpClient(options);
    var request = inFolder("x?trailer").setPort(port).putHeader("te", "trailers");
    return get(
        client
            .request(request)
            .compose(HttpClientRequest::send)
            .compose(answer -> answer.end().map(end -> answer.trailers().getAll("x-trailer")))
            .eventually(client::close));
  }
}
