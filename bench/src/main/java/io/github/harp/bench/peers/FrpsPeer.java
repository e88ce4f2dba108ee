// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers;

import io.github.harp.bench.backend.App;
import io.github.harp.bench.peers.place.FrpClient;
import io.github.harp.bench.peers.place.Place;
import io.github.harp.bench.process.Daemon;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Protocol;
import io.github.harp.bench.target.Target;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A real frps with mutual TLS, and real frpc clients that dial in; its remote ports are TCP ports
 * on loopback.
 */
final class FrpsPeer implements Peer {
  private final Map<App, Integer> ports = new EnumMap<>(App.class);
  private final List<FrpClient> clients = new ArrayList<>();
  private final Daemon frps;

  FrpsPeer(Place place) {
    int bindPort = place.freePort();
    var certificates = place.certificates().frpFolder();
    var file =
        place.write(
            "frps-" + bindPort + ".toml",
            """
            bindAddr = "127.0.0.1"
            bindPort = %d
            proxyBindAddr = "127.0.0.1"
            log.level = "info"
            log.disablePrintColor = true
            transport.tls.force = true
            transport.tls.certFile = "%s"
            transport.tls.keyFile = "%s"
            transport.tls.trustedCaFile = "%s"
            """
                .formatted(
                    bindPort,
                    certificates.resolve("server.crt"),
                    certificates.resolve("server.key"),
                    certificates.resolve("ca.crt")));
    frps =
        place
            .start("frps-" + bindPort, place.tools().frps(), "-c", file.toString())
            .awaitPort(bindPort);
    for (var app : Place.TUNNELLED) {
      int port = place.freePort();
      ports.put(app, port);
      clients.add(new FrpClient(place, app, bindPort, port, certificates));
      awaitService(app);
    }
  }

  int port(App app) {
    return ports.getOrDefault(app, 0);
  }

  /** The clients' processes. */
  Stream<Long> clientPids() {
    return clients.stream().flatMap(FrpClient::pids);
  }

  @Override
  public Target target(App app, Protocol protocol) {
    return Target.http(port(app), app);
  }

  /** The server's process alone. */
  @Override
  public Stream<Long> pids() {
    return frps.pids();
  }

  @Override
  public void close() {
    clients.forEach(FrpClient::close);
    frps.close();
  }
}
