// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers.harp;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.harp.bench.backend.App;
import io.github.harp.bench.peers.place.Place;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelClientTls;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.slf4j.LoggerFactory;

/**
 * The main class of a JVM with a thousand tunnel clients of ours, each with a connection of its
 * own: as many of frpc would need more memory than the systems that are measured. Prints a line
 * whenever all of them are logged in again.
 */
public final class CrowdProcess {
  /** What it prints then. */
  static final String ALL_IN = "all are in";

  private static final long LOOK_MILLIS = 10;

  private CrowdProcess() {}

  /** Arguments: the tunnel server's port, the folder with the certificates, the ExApps' port. */
  public static void main(String[] arguments) throws SSLException, InterruptedException {
    if (LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
      root.setLevel(Level.ERROR);
    }
    int server = Integer.parseInt(arguments[0]);
    var folder = Path.of(arguments[1]);
    var target = new TunnelTarget.Tcp("127.0.0.1", Integer.parseInt(arguments[2]));
    var tls =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.JDK)
            .endpointIdentificationAlgorithm("")
            .keyManager(
                folder.resolve("client.crt").toFile(), folder.resolve("client.key").toFile())
            .trustManager(folder.resolve("ca.crt").toFile())
            .build();
    var clients = new ArrayList<TunnelClient>();
    for (int i = 0; i < App.CROWD_SIZE; i++) {
      var options =
          TunnelClientOptions.to("127.0.0.1", server)
              .tls(TunnelClientTls.of(() -> tls, "harp.nc"))
              .metas(Map.of("token", Place.SHARED_KEY))
              .poolCount(0)
              .proxies(TunnelProxy.of(App.inCrowd(i), App.CROWD.tunnelPort() + i, target))
              .build();
      clients.add(TunnelClient.start(options));
    }
    boolean wereIn = false;
    while (true) {
      boolean areIn = clients.stream().allMatch(client -> client.status().isHealthy());
      if (areIn && !wereIn) {
        System.out.println(ALL_IN);
      }
      wereIn = areIn;
      Thread.sleep(LOOK_MILLIS);
    }
  }
}
