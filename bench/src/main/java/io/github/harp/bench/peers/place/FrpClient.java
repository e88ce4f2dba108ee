// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers.place;

import io.github.harp.bench.backend.App;
import io.github.harp.bench.process.Daemon;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A real frpc with one proxy, set up as ExApps set theirs up. */
public final class FrpClient implements AutoCloseable {
  private final Daemon frpc;

  /**
   * Starts it and waits until the server took its proxy.
   *
   * @param certificates the folder with {@code client.crt}, {@code client.key} and {@code ca.crt}
   */
  public FrpClient(Place place, App app, int serverPort, int remotePort, Path certificates) {
    var file =
        place.write(
            "frpc-" + app.id() + "-" + serverPort + ".toml",
            """
            serverAddr = "127.0.0.1"
            serverPort = %d
            loginFailExit = false
            log.level = "info"
            log.disablePrintColor = true
            transport.tls.enable = true
            transport.tls.certFile = "%s"
            transport.tls.keyFile = "%s"
            transport.tls.trustedCaFile = "%s"
            transport.tls.serverName = "harp.nc"
            metadatas.token = "%s"

            [[proxies]]
            name = "%s"
            type = "tcp"
            localIP = "127.0.0.1"
            localPort = %d
            remotePort = %d
            """
                .formatted(
                    serverPort,
                    certificates.resolve("client.crt"),
                    certificates.resolve("client.key"),
                    certificates.resolve("ca.crt"),
                    Place.SHARED_KEY,
                    app.id(),
                    place.backend().port(app),
                    remotePort));
    frpc =
        place
            .start(
                "frpc-" + app.id() + "-" + serverPort, place.tools().frpc(), "-c", file.toString())
            .awaitLog("start proxy success");
  }

  public Stream<Long> pids() {
    return frpc.pids();
  }

  @Override
  public void close() {
    frpc.close();
  }
}
