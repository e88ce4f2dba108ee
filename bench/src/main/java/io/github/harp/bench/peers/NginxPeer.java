// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers;

import io.github.harp.bench.backend.App;
import io.github.harp.bench.peers.place.Place;
import io.github.harp.bench.process.Daemon;
import io.github.harp.bench.process.OpenFiles;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Protocol;
import io.github.harp.bench.target.Target;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * nginx as a plain reverse proxy with upstream connections kept alive and nothing buffered to disk.
 */
final class NginxPeer implements Peer {
  private static final List<App> APPS = List.of(App.PLAIN, App.LIVE, App.LIVE_ELSEWHERE);

  private final int port;
  private final int tlsPort;
  private final int http2Port;
  private final Daemon nginx;

  NginxPeer(Place place) {
    port = place.freePort();
    tlsPort = place.freePort();
    http2Port = place.freePort();
    var pem = place.certificates().httpsPem();
    var file =
        place.write(
            "nginx-proxy.conf",
            """
            user root; # matters to root only, whose folder no other user may read
            worker_processes %d;
            pid nginx-proxy.pid;
            error_log stderr crit;
            events { worker_connections %d; }
            http {
              access_log off;
              keepalive_timeout 1h;
              keepalive_requests 1000000000;
              http2_max_concurrent_streams 256;
              client_max_body_size 0;
              client_body_temp_path body;
              proxy_temp_path proxied;
              fastcgi_temp_path unused;
              uwsgi_temp_path unused;
              scgi_temp_path unused;
              map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
            %s
              server {
                listen 127.0.0.1:%d backlog=4096 reuseport;
                listen 127.0.0.1:%d ssl http2 backlog=4096 reuseport;
                listen 127.0.0.1:%d http2 backlog=4096 reuseport;
                ssl_certificate %s;
                ssl_certificate_key %s;
                proxy_http_version 1.1;
                proxy_set_header Upgrade $http_upgrade;
                proxy_set_header Connection $connection_upgrade;
                proxy_set_header Host $http_host;
                proxy_request_buffering off;
                proxy_read_timeout 30m;
                proxy_send_timeout 30m;
            %s
              }
            }
            """
                .formatted(
                    place.cores(),
                    OpenFiles.connections(1),
                    each(
                        app ->
                            "  upstream %s { server %s:%d; keepalive 256; keepalive_requests 1000000000; }"
                                .formatted(app.id(), app.host(), place.backend().port(app))),
                    port,
                    tlsPort,
                    http2Port,
                    pem,
                    pem,
                    each(
                        app ->
                            "    location %s/ { proxy_pass http://%s; proxy_buffering %s; proxy_max_temp_file_size 0; }"
                                .formatted(
                                    app.pathPrefix(), app.id(), app.isLive() ? "off" : "on"))));
    nginx =
        place
            .start(
                "nginx-proxy",
                place.tools().nginx(),
                "-p",
                place.folder().toString(),
                "-c",
                file.toString(),
                "-g",
                "daemon off;")
            .awaitPort(port);
  }

  @Override
  public Target target(App app, Protocol protocol) {
    return switch (protocol) {
      case HTTP -> Target.http(port, app);
      case HTTP2 -> Target.http(http2Port, app);
      case HTTPS, HTTP2_TLS -> Target.https(tlsPort, app);
    };
  }

  @Override
  public Stream<Long> pids() {
    return nginx.pids();
  }

  @Override
  public void close() {
    nginx.close();
  }

  private static String each(Function<App, String> line) {
    return APPS.stream().map(line).collect(Collectors.joining("\n"));
  }
}
