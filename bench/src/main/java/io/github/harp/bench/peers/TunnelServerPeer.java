// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers;

import io.github.harp.bench.backend.App;
import io.github.harp.bench.peers.place.FrpClient;
import io.github.harp.bench.peers.place.Place;
import io.github.harp.bench.process.Daemon;
import io.github.harp.bench.process.OwnJvm;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Protocol;
import io.github.harp.bench.target.Target;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Our tunnel server in the place of frps: the same certificates, the same frpc, TCP ports on
 * loopback.
 */
final class TunnelServerPeer implements Peer {
  /** What {@code packaging/bin/harp} tells the JVM. */
  static final List<String> SCRIPT_OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-Xms32m",
          "-Xmn16m",
          "-XX:SurvivorRatio=6",
          "-XX:MetaspaceSize=64m",
          "-XX:MaxRAMPercentage=40",
          "-XX:-UsePerfData");

  /** What it exports. */
  static final Map<String, String> SCRIPT_ENVIRONMENT = Map.of("MALLOC_ARENA_MAX", "2");

  private final Map<App, Integer> ports = new EnumMap<>(App.class);
  private final List<FrpClient> clients = new ArrayList<>();
  private final Daemon server;

  TunnelServerPeer(Place place) {
    int bindPort = place.freePort();
    var certificates = place.certificates().frpFolder();
    Place.TUNNELLED.forEach(app -> ports.put(app, place.freePort()));
    var first = ports.values().stream().min(Integer::compare).orElseThrow();
    var last = ports.values().stream().max(Integer::compare).orElseThrow();
    var command =
        OwnJvm.command(
            TunnelServerProcess.class,
            SCRIPT_OPTIONS,
            String.valueOf(bindPort),
            certificates.toString(),
            first.toString(),
            last.toString());
    server =
        Daemon.start("tunnel-server-" + bindPort, place.folder(), command, SCRIPT_ENVIRONMENT)
            .awaitPort(bindPort);
    ports.forEach(
        (app, port) -> clients.add(new FrpClient(place, app, bindPort, port, certificates)));
    Place.TUNNELLED.forEach(this::awaitService);
  }

  @Override
  public Target target(App app, Protocol protocol) {
    return Target.http(ports.getOrDefault(app, 0), app);
  }

  /** The server's process alone. */
  @Override
  public Stream<Long> pids() {
    return server.pids();
  }

  @Override
  public void close() {
    clients.forEach(FrpClient::close);
    server.close();
  }
}
