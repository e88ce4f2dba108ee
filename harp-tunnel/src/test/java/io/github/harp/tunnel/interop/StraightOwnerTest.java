// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelClientStatus.StraightVisitors;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelProxy.ForVisitors;
import io.github.harp.tunnel.client.TunnelTarget;
import io.github.harp.tunnel.server.TunnelAuthenticator;
import io.github.harp.tunnel.server.TunnelServerOptions;
import io.github.harp.tunnel.server.TunnelStatus;
import io.github.harp.tunnel.stun.StunServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real frpc visits a service of our client, under our server and under frps. */
class StraightOwnerTest {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final int SIZE = 3_000_000;

  private final List<AutoCloseable> started = new ArrayList<>();
  private EchoServer echo;
  private InetSocketAddress stun;

  @BeforeEach
  void start() throws Exception {
    echo = started(EchoServer.start());
    stun =
        started(new StunServer(new InetSocketAddress(LOOPBACK, 0), LOOPBACK))
            .start()
            .get(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    for (int i = started.size() - 1; i >= 0; i--) {
      started.get(i).close();
    }
  }

  private <T extends AutoCloseable> T started(T one) {
    started.add(one);
    return one;
  }

  private TunnelServer ourServer() throws IOException {
    return started(
        new TunnelServer(
            TunnelServerOptions.builder()
                .address(new InetSocketAddress(LOOPBACK, 0))
                .plain(true)
                .authenticator(TunnelAuthenticator.sharedKey("k"))
                .build()));
  }

  private int frps(String version) throws IOException {
    var port = FreePort.find();
    started(
        FrpBinaries.of(version)
            .frps("bindAddr = \"127.0.0.1\"\nbindPort = %d\n".formatted(port))
            .awaitLog("frps started successfully"));
    return port;
  }

  private TunnelClient owner(int serverPort, WireProtocol wire, boolean wrapped) {
    var client =
        started(
            TunnelClient.start(
                TunnelClientOptions.to("127.0.0.1", serverPort)
                    .metas(Map.of("token", "k"))
                    .wireProtocol(wire)
                    .stunServer(stun)
                    .proxies(
                        new TunnelProxy(
                            "bulk",
                            0,
                            new TunnelTarget.Tcp("127.0.0.1", echo.port()),
                            wrapped,
                            wrapped,
                            Optional.of(ForVisitors.who(ProxyType.XTCP, "sk"))))
                    .build()));
    await().until(() -> client.status().isHealthy());
    return client;
  }

  private int visitor(String version, int serverPort, String more) throws IOException {
    var port = FreePort.find();
    started(
        FrpBinaries.of(version)
            .frpc(
                """
                serverAddr = "127.0.0.1"
                serverPort = %d
                natHoleStunServer = "127.0.0.1:%d"
                metadatas.token = "k"
                transport.tls.enable = false
                [[visitors]]
                name = "visitor"
                type = "xtcp"
                serverName = "bulk"
                secretKey = "sk"
                bindPort = %d
                %s
                """
                    .formatted(serverPort, stun.getPort(), port, more))
            .awaitLog("start visitor success"));
    return port;
  }

  @ParameterizedTest(name = "a visitor of frpc {0}, wire {1}, wrapped {2}")
  @CsvSource({"0.61.1, V1, false", "0.70.1, V1, true", "0.70.1, V2, false"})
  void underOurServer(String version, WireProtocol wire, boolean wrapped) throws Exception {
    var server = ourServer();
    var serverPort = server.start().get(30, TimeUnit.SECONDS).getPort();
    var owner = owner(serverPort, wire, wrapped);
    var port =
        visitor(
            version,
            serverPort,
            "transport.useEncryption = %1$s\ntransport.useCompression = %1$s".formatted(wrapped));

    talk(port);

    assertThat(straight(owner)).isEqualTo(new StraightVisitors(1, 1, 0, ""));
    assertThat(server.status().introductions()).isEqualTo(new TunnelStatus.Introductions(1, 1, 1));
    assertThat(server.status().sessions())
        .extracting(TunnelStatus.Session::bytesIn, TunnelStatus.Session::bytesOut)
        .allSatisfy(bytes -> assertThat(bytes.toList()).containsOnly(0L));
  }

  @ParameterizedTest(name = "frps {0}, a visitor of frpc {1}")
  @CsvSource({"0.61.1, 0.61.1", "0.70.1, 0.70.1", "0.70.1, 0.61.1"})
  void underFrps(String server, String visitor) throws Exception {
    var serverPort = frps(server);
    var owner = owner(serverPort, WireProtocol.V1, false);

    talk(visitor(visitor, serverPort, ""));

    assertThat(straight(owner)).isEqualTo(new StraightVisitors(1, 1, 0, ""));
  }

  @Test
  void kcpIsRefusedInWords() throws Exception {
    var serverPort = ourServer().start().get(30, TimeUnit.SECONDS).getPort();
    var owner = owner(serverPort, WireProtocol.V1, false);
    var port = visitor(FrpBinaries.FIELD, serverPort, "protocol = \"kcp\"");

    try (var user = User.connect(port)) {
      await().until(() -> straight(owner).missed() == 1);
    }
    assertThat(straight(owner).lastMiss())
        .contains("the visitor wants to speak kcp")
        .contains("expected protocol = \"quic\"");
  }

  private void talk(int port) throws Exception {
    try (var one = User.connect(port);
        var another = User.connect(port)) {
      one.echo("hello");
      another.echo("there").echoBytes(SIZE, 3);
      one.echo("again");
    }
    await().until(() -> echo.openConnections() == 0);
  }

  private static StraightVisitors straight(TunnelClient owner) {
    return owner.status().proxies().get(0).straight();
  }
}
