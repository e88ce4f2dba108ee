// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers;

import io.github.harp.bench.backend.App;
import io.github.harp.bench.peers.place.Place;
import io.github.harp.bench.process.Daemon;
import io.github.harp.bench.process.OpenFiles;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Protocol;
import io.github.harp.bench.target.Target;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/**
 * HAProxy as a plain reverse proxy: no authentication, no rewriting, no access log, upstream
 * connections reused. It forwards the whole path, so it does less work than HaRP. For event streams
 * it is told not to wait for more data, without which it adds 100 ms to the median event.
 */
final class HaproxyPeer implements Peer {
  private final Map<App, Integer> ports = new EnumMap<>(App.class);
  private final int tlsPort;
  private final Daemon haproxy;

  HaproxyPeer(Place place, List<App> apps, ToIntFunction<App> upstreamPort) {
    apps.forEach(app -> ports.put(app, place.freePort()));
    tlsPort = place.freePort();
    var config = new StringBuilder(global(place.cores()));
    ports.forEach(
        (app, port) ->
            config
                .append(
                    listen(
                        app.id(),
                        "127.0.0.1:" + port,
                        app.host() + ":" + upstreamPort.applyAsInt(app)))
                .append(app.isLive() ? "  option http-no-delay\n" : ""));
    var tlsBind =
        "127.0.0.1:" + tlsPort + " ssl alpn h2,http/1.1 crt " + place.certificates().httpsPem();
    config.append(listen("tls", tlsBind, "127.0.0.1:" + upstreamPort.applyAsInt(apps.get(0))));
    var file = place.write("haproxy-" + tlsPort + ".cfg", config.toString());
    haproxy =
        place
            .start("haproxy-" + tlsPort, place.tools().haproxy(), "-db", "-f", file.toString())
            .awaitPort(tlsPort);
  }

  @Override
  public Target target(App app, Protocol protocol) {
    return protocol.isTls()
        ? Target.https(tlsPort, app)
        : Target.http(ports.getOrDefault(app, 0), app);
  }

  @Override
  public Stream<Long> pids() {
    return haproxy.pids();
  }

  @Override
  public void close() {
    haproxy.close();
  }

  private static String global(int cores) {
    return """
    global
      nbthread %1$d
      maxconn %2$d
    defaults
      mode http
      maxconn %2$d
      http-reuse always
      timeout connect 30s
      timeout client 30m
      timeout server 30m
      timeout tunnel 30m
    """
        .formatted(cores, OpenFiles.connections(2));
  }

  private static String listen(String name, String bind, String upstream) {
    return """
    listen %s
      bind %s backlog 4096
      server upstream %s
    """
        .formatted(name, bind, upstream);
  }
}
