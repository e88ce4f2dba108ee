// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers;

import io.github.harp.bench.backend.App;
import io.github.harp.bench.process.Daemon;
import io.github.harp.bench.target.Peer;
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

  HaproxyPeer(Lab lab, List<App> apps, ToIntFunction<App> upstreamPort) {
    apps.forEach(app -> ports.put(app, lab.freePort()));
    tlsPort = lab.freePort();
    var config = new StringBuilder(global(lab.cores()));
    ports.forEach(
        (app, port) ->
            config
                .append(listen(app.id(), "127.0.0.1:" + port, upstreamPort.applyAsInt(app)))
                .append(app.isLive() ? "  option http-no-delay\n" : ""));
    var tlsBind = "127.0.0.1:" + tlsPort + " ssl crt " + lab.certificates().httpsPem();
    config.append(listen("tls", tlsBind, upstreamPort.applyAsInt(apps.get(0))));
    var file = lab.write("haproxy-" + tlsPort + ".cfg", config.toString());
    haproxy =
        lab.start("haproxy-" + tlsPort, lab.tools().haproxy(), "-db", "-f", file.toString())
            .awaitPort(tlsPort);
  }

  @Override
  public Target target(App app, boolean tls) {
    return tls ? Target.https(tlsPort, app) : Target.http(ports.getOrDefault(app, 0), app);
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
      nbthread %d
      maxconn 9500
    defaults
      mode http
      maxconn 9500
      http-reuse always
      timeout connect 30s
      timeout client 30m
      timeout server 30m
      timeout tunnel 30m
    """
        .formatted(cores);
  }

  private static String listen(String name, String bind, int upstreamPort) {
    return """
    listen %s
      bind %s backlog 4096
      server upstream 127.0.0.1:%d
    """
        .formatted(name, bind, upstreamPort);
  }
}
