// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.interop;

import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelProxy.ForVisitors;
import io.github.harp.tunnel.client.TunnelTarget;
import io.github.harp.tunnel.client.TunnelVisitor;
import io.github.harp.tunnel.client.TunnelVisitor.Straight;
import io.github.harp.tunnel.server.TunnelAuthenticator;
import io.github.harp.tunnel.server.TunnelServerOptions;
import io.github.harp.tunnel.stun.StunServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A server, a service that echoes, its owner, its visitor; each of ours or frp's. */
final class StraightWorld implements AutoCloseable {

  static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  static final String SECRET = "sk";
  private static final String KEY = "k";

  final EchoServer echo;
  private final List<AutoCloseable> started = new ArrayList<>();
  private final InetSocketAddress stun;

  StraightWorld() throws Exception {
    echo = started(EchoServer.start());
    stun =
        started(new StunServer(new InetSocketAddress(LOOPBACK, 0), LOOPBACK))
            .start()
            .get(30, TimeUnit.SECONDS);
  }

  <T extends AutoCloseable> T started(T one) {
    started.add(one);
    return one;
  }

  @Override
  public void close() throws Exception {
    for (int i = started.size() - 1; i >= 0; i--) {
      started.get(i).close();
    }
  }

  TunnelServer ourServer() throws IOException {
    return started(
        new TunnelServer(
            TunnelServerOptions.builder()
                .address(new InetSocketAddress(LOOPBACK, 0))
                .plain(true)
                .authenticator(TunnelAuthenticator.sharedKey(KEY))
                .build()));
  }

  static int port(TunnelServer server) throws Exception {
    return server.start().get(30, TimeUnit.SECONDS).getPort();
  }

  int frps(String version) throws IOException {
    var port = FreePort.find();
    started(
        FrpBinaries.of(version)
            .frps("bindAddr = \"127.0.0.1\"\nbindPort = %d\n".formatted(port))
            .awaitLog("frps started successfully"));
    return port;
  }

  TunnelClientOptions.Builder client(int serverPort) {
    return TunnelClientOptions.to("127.0.0.1", serverPort)
        .metas(Map.of("token", KEY))
        .stunServer(stun)
        .retries(
            new TunnelClientOptions.Retries(
                Duration.ofMillis(50), Duration.ofMillis(500), Duration.ofMillis(500)));
  }

  TunnelClient ourOwner(int serverPort, WireProtocol wire, boolean wrapped) {
    return ourOwner(serverPort, wire, wrapped, ProxyType.XTCP);
  }

  TunnelClient ourOwner(int serverPort, WireProtocol wire, boolean wrapped, ProxyType way) {
    var proxy =
        new TunnelProxy(
            way.toString(),
            0,
            new TunnelTarget.Tcp("127.0.0.1", echo.port()),
            wrapped,
            wrapped,
            Optional.of(new ForVisitors(way, SECRET, List.of(), false)));
    var client =
        started(TunnelClient.start(client(serverPort).wireProtocol(wire).proxies(proxy).build()));
    await().until(() -> client.status().isHealthy());
    return client;
  }

  TunnelClient ourVisitor(TunnelClientOptions.Builder options, TunnelVisitor... visitors) {
    var client = started(TunnelClient.start(options.visitors(List.of(visitors)).build()));
    await()
        .until(
            () ->
                client.status().isHealthy()
                    && client.status().visitors().get(0).address().isPresent());
    return client;
  }

  static TunnelVisitor visitor(ProxyType way) {
    return visitor(way, SECRET, Straight.USUAL);
  }

  static TunnelVisitor visitor(ProxyType way, String secret, Straight straight) {
    var address = Optional.of(new InetSocketAddress(LOOPBACK, 0));
    var name = way.toString();
    return new TunnelVisitor(name, way, name, secret, address, false, false, straight);
  }

  static int portOf(TunnelClient visitor) {
    return ((InetSocketAddress) visitor.status().visitors().get(0).address().orElseThrow())
        .getPort();
  }

  private FrpProcess frpc(String version, int serverPort, String toml) {
    return started(
        FrpBinaries.of(version)
            .frpc(
                """
                serverAddr = "127.0.0.1"
                serverPort = %d
                natHoleStunServer = "127.0.0.1:%d"
                metadatas.token = "%s"
                transport.tls.enable = false
                %s
                """
                    .formatted(serverPort, stun.getPort(), KEY, toml)));
  }

  int frpcVisitor(String version, int serverPort, String more) throws IOException {
    var port = FreePort.find();
    frpc(
            version,
            serverPort,
            """
            [[visitors]]
            name = "visitor"
            type = "xtcp"
            serverName = "xtcp"
            secretKey = "%s"
            bindPort = %d
            %s
            """
                .formatted(SECRET, port, more))
        .awaitLog("start visitor success");
    return port;
  }

  FrpProcess frpcOwner(String version, int serverPort, ProxyType way, String more) {
    return frpc(
            version,
            serverPort,
            """
            [[proxies]]
            name = "%1$s"
            type = "%1$s"
            secretKey = "%2$s"
            localPort = %3$d
            %4$s
            """
                .formatted(way, SECRET, echo.port(), more))
        .awaitLog("start proxy success");
  }

  /** Two users who say something. */
  void talk(int port, long bytes) throws Exception {
    try (var one = User.connect(port);
        var another = User.connect(port)) {
      one.echo("hello");
      another.echo("there").echoBytes(bytes, 3);
      one.echo("again");
    }
    await().until(() -> echo.openConnections() == 0);
  }
}
