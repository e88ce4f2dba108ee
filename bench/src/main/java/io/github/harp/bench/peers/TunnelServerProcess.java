// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.harp.bench.peers.place.Place;
import io.github.harp.tunnel.PortRange;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.server.TunnelAuthenticator;
import io.github.harp.tunnel.server.TunnelLimits;
import io.github.harp.tunnel.server.TunnelServerOptions;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLException;
import org.slf4j.LoggerFactory;

/**
 * The main class of a JVM that runs our tunnel server the way frps runs: remote ports are TCP ports
 * on loopback.
 */
public final class TunnelServerProcess {
  private static final int STREAMS = 20_000;
  private static final long WINDOW_BYTES = 256 * 1024;

  private TunnelServerProcess() {}

  /**
   * Arguments: the port to listen on, the folder with the certificates, first and last remote port.
   */
  public static void main(String[] arguments)
      throws SSLException, TunnelException, InterruptedException {
    quiet();
    var certificates = Path.of(arguments[1]);
    var tls =
        SslContextBuilder.forServer(
                certificates.resolve("server.crt").toFile(),
                certificates.resolve("server.key").toFile())
            .sslProvider(SslProvider.JDK)
            .trustManager(certificates.resolve("ca.crt").toFile())
            .clientAuth(ClientAuth.REQUIRE)
            .build();
    var listen =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
    var ports = new PortRange(Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
    var server =
        new TunnelServer(
            TunnelServerOptions.builder()
                .address(listen)
                .tls(() -> tls)
                .authenticator(TunnelAuthenticator.sharedKey(Place.SHARED_KEY))
                .ports(ports)
                .limits(roomForStreams())
                .exposeOnLoopback(true)
                .build());
    server.start().sync();
    new CountDownLatch(1).await();
  }

  /** Without a configuration Logback prints every detail, which would be measured, too. */
  private static void quiet() {
    if (LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
      root.setLevel(Level.INFO);
    }
  }

  /** The defaults allow 2,048 streams of one client; a comparison has more. */
  private static TunnelLimits roomForStreams() {
    var usual = new TunnelLimits();
    return new TunnelLimits(
        usual.times(),
        usual.newcomers(),
        new TunnelLimits.PerClient(
            STREAMS, usual.perClient().proxies(), usual.perClient().idle(), STREAMS * WINDOW_BYTES),
        usual.clients(),
        usual.heldBytes());
  }
}
