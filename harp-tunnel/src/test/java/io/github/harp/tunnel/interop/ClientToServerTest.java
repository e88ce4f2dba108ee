// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.PortRange;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelClientTls;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.github.harp.tunnel.client.TunnelTransport;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.server.OpenPorts;
import io.github.harp.tunnel.server.TunnelAuthenticator;
import io.github.harp.tunnel.server.TunnelServerOptions;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our client at our server, with certificates of our authority. */
class ClientToServerTest {

  @TempDir Path certs;
  private CertificateAuthority authority;
  private EchoServer echo;
  private TunnelServer server;
  private int serverPort;
  private int quicPort;
  private int remotePort;

  @BeforeEach
  void start() throws Exception {
    authority = CertificateAuthority.open(certs, Duration.ofDays(30), Clock.systemUTC());
    echo = EchoServer.start();
    remotePort = FreePort.find();
    server =
        new TunnelServer(
            TunnelServerOptions.builder()
                .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .tls(authority::serverContext)
                .quic(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    authority::serverCredentials)
                .ports(new PortRange(remotePort, remotePort))
                .exposeOnLoopback(true)
                .authenticator(TunnelAuthenticator.sharedKey("k"))
                .build());
    serverPort = server.start().get(30, TimeUnit.SECONDS).getPort();
    quicPort = server.quicAddress().orElseThrow().getPort();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    echo.close();
  }

  @ParameterizedTest(name = "{4}, mux {0}, wire {1}, encryption {2}, compression {3}")
  @CsvSource({
    "true, V1, false, false, TCP",
    "false, V1, false, false, TCP",
    "true, V1, true, true, TCP",
    "true, V2, false, false, TCP",
    "false, V2, true, true, TCP",
    "true, V1, false, false, WEBSOCKET",
    "false, V1, false, false, WEBSOCKET",
    "true, V1, false, false, WSS",
    "false, V2, true, true, WSS",
    "true, V1, false, false, QUIC",
    "false, V2, true, true, QUIC"
  })
  void carriesBytesUnchanged(
      boolean mux,
      WireProtocol wire,
      boolean encrypted,
      boolean compressed,
      TunnelTransport transport)
      throws Exception {
    var plain = echoProxy();
    var proxy = new TunnelProxy(plain.name(), remotePort, plain.target(), encrypted, compressed);
    var options = transport == TunnelTransport.QUIC ? overQuic(proxy) : options(proxy);
    options.transport(transport).tcpMux(mux).wireProtocol(wire);
    try (var client = TunnelClient.start(options.build())) {
      awaitOpen(client);
      try (var user = User.connect(remotePort)) {
        user.echo("hello").echoBytes(2 << 20, 3);
      }
    }
  }

  @Test
  void renewedCertificatesTakeEffectWithoutRestart() throws Exception {
    try (var first = TunnelClient.start(options(echoProxy()).build())) {
      awaitOpen(first);
      assertThat(authority.renewNow()).containsExactly("server.crt", "client.crt");
      try (var user = User.connect(remotePort)) {
        user.echo("a session goes on");
      }
    }
    try (var second = TunnelClient.start(options(echoProxy()).build())) {
      awaitOpen(second);
    }
  }

  @Test
  void aWrongKeyIsReportedAndTriedAgain() {
    try (var client =
        TunnelClient.start(options(echoProxy()).metas(Map.of("token", "wrong")).build())) {
      await().until(() -> client.status().lastFailure().orElse("").contains("refused the login"));
      assertThat(client.status().logins()).isZero();
    }
  }

  @Test
  void overQuicACertificateIsRequiredAndTheServersName() {
    var folder = certs.resolve("frp");
    var nothing =
        overQuic(echoProxy()).tls(files(Optional.of(folder.resolve("ca.crt")), "harp.nc"));
    try (var client = TunnelClient.start(nothing.build())) {
      await().until(() -> client.status().lastFailure().orElse("").contains("certificate"));
      assertThat(client.status().logins()).isZero();
    }
    var other = overQuic(echoProxy()).tls(files(Optional.of(folder.resolve("ca.crt")), "other"));
    try (var client = TunnelClient.start(other.build())) {
      await().until(() -> client.status().lastFailure().orElse("").contains("other"));
    }
  }

  @Test
  void whoseCertificateIsOfAnotherAuthorityIsToldSo(@TempDir Path elsewhere) throws Exception {
    CertificateAuthority.open(elsewhere, Duration.ofDays(30), Clock.systemUTC());
    var theirs = elsewhere.resolve("frp");
    var foreign =
        TunnelClientTls.files(
            Optional.of(theirs.resolve("client.crt")),
            Optional.of(theirs.resolve("client.key")),
            Optional.of(certs.resolve("frp/ca.crt")),
            Optional.of("harp.nc"));
    try (var client = TunnelClient.start(options(echoProxy()).tls(foreign).build())) {
      await().until(() -> client.status().lastFailure().orElse("").contains("bad_certificate"));
      assertThat(client.status().logins()).isZero();
    }
  }

  private static TunnelClientTls files(Optional<Path> trustedCa, String name) {
    return TunnelClientTls.files(Optional.empty(), Optional.empty(), trustedCa, Optional.of(name));
  }

  @Test
  void whereNobodyListensOverQuicIsSaid() throws Exception {
    var nowhere = options(echoProxy(), FreePort.find()).transport(TunnelTransport.QUIC);
    try (var client = TunnelClient.start(nowhere.build())) {
      await().until(() -> client.status().lastFailure().isPresent());
      assertThat(client.status().lastFailure()).get(STRING).contains("nobody listens at UDP port");
    }
  }

  @Test
  void thatUdpIsBlockedIsSaid() throws Exception {
    try (var silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      var blocked =
          options(echoProxy(), silent.getLocalPort())
              .transport(TunnelTransport.QUIC)
              .connectTimeout(Duration.ofMillis(300));
      try (var client = TunnelClient.start(blocked.build())) {
        await().until(() -> client.status().lastFailure().isPresent());
        assertThat(client.status().lastFailure())
            .get(STRING)
            .contains("no answer over QUIC (UDP port")
            .contains("firewall");
      }
    }
  }

  private void awaitOpen(TunnelClient client) {
    await().until(() -> client.status().isHealthy() && OpenPorts.has(server, remotePort));
  }

  private TunnelProxy echoProxy() {
    return TunnelProxy.of("echo", remotePort, new TunnelTarget.Tcp("127.0.0.1", echo.port()));
  }

  private TunnelClientOptions.Builder options(TunnelProxy proxy) {
    return options(proxy, serverPort)
        .tls(TunnelClientTls.of(authority::clientContext, CertificateAuthority.SERVER_NAME));
  }

  private TunnelClientOptions.Builder overQuic(TunnelProxy proxy) {
    var folder = certs.resolve("frp");
    return options(proxy, quicPort)
        .transport(TunnelTransport.QUIC)
        .tls(
            TunnelClientTls.files(
                Optional.of(folder.resolve("client.crt")),
                Optional.of(folder.resolve("client.key")),
                Optional.of(folder.resolve("ca.crt")),
                Optional.of(CertificateAuthority.SERVER_NAME)));
  }

  private TunnelClientOptions.Builder options(TunnelProxy proxy, int port) {
    return TunnelClientOptions.to("127.0.0.1", port)
        .proxies(proxy)
        .metas(Map.of("token", "k"))
        .retries(
            new TunnelClientOptions.Retries(
                Duration.ofMillis(50), Duration.ofMillis(500), Duration.ofSeconds(30)));
  }
}
