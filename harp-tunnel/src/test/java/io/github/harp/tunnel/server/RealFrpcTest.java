// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.interop.FarLine;
import io.github.harp.tunnel.interop.FrpBinaries;
import io.github.harp.tunnel.interop.FrpProcess;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.server.FrpcToml.Tls;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The real frpc of several releases dials in to our server. */
class RealFrpcTest extends FrpcOverTcp {

  @Test
  @DisplayName("F22: frpc that speaks WebSocket where nobody may is told so, TLS around it or not")
  void f22_frpcThatSpeaksWebSocketIsToldSo() throws Exception {
    Path folder = startTlsServer(Tls.MUTUAL, WebSockets.OFF);

    frpc("transport.protocol = \"websocket\"\n" + toml().text());
    await().until(() -> codes.contains(RefusalCode.WEBSOCKET));
    codes.clear();
    frpc("transport.protocol = \"wss\"\n" + toml().withTls(Tls.MUTUAL, folder).text());
    await().until(() -> codes.contains(RefusalCode.WEBSOCKET));

    assertThat(refusals).anyMatch(reason -> reason.contains("expected \"tcp\""));
    assertThat(codes).doesNotContain(RefusalCode.NO_TLS);
  }

  static Stream<Arguments> webSockets() {
    List<Arguments> ways = new ArrayList<>();
    for (String version :
        new String[] {"0.52.3", FrpBinaries.FIELD, "0.65.0", FrpBinaries.NEWEST}) {
      ways.add(Arguments.of(version, "websocket", Tls.MUTUAL, true));
      ways.add(Arguments.of(version, "wss", Tls.MUTUAL, true));
    }
    for (String version : new String[] {FrpBinaries.FIELD, FrpBinaries.NEWEST}) {
      ways.add(Arguments.of(version, "websocket", Tls.NONE, true));
      ways.add(Arguments.of(version, "websocket", Tls.NONE, false));
      ways.add(Arguments.of(version, "websocket", Tls.MUTUAL, false));
    }
    return ways.stream();
  }

  @ParameterizedTest(name = "frpc {0}, {1}, TLS {2}, mux {3}")
  @MethodSource("webSockets")
  void bytesPassOverWebSocket(String version, String protocol, Tls tls, boolean mux)
      throws Exception {
    Path folder = certs;
    if (tls == Tls.NONE) {
      startPlainServer();
    } else {
      folder = startTlsServer(tls);
    }
    FrpProcess frpc =
        FrpBinaries.of(version)
            .frpc(
                "transport.protocol = \"%s\"\n".formatted(protocol)
                    + toml().withTls(tls, folder).withMux(mux).text());
    toClose.add(frpc);
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(OpenPorts.has(server, PORT)).as(frpc.log()).isTrue());

    assertThatBytesPass();

    assertThat(session().tls()).isEqualTo(tls != Tls.NONE);
    assertThat(session().multiplexed()).isEqualTo(mux);
  }

  @Test
  void overWebSocketTlsIsRequiredToo() throws Exception {
    startTlsServer(Tls.MUTUAL);

    frpc("transport.protocol = \"websocket\"\n" + toml().text());

    await().until(() -> codes.contains(RefusalCode.NO_TLS));
  }

  @ParameterizedTest
  @ValueSource(strings = {"send-proxy", "send-proxy-v2"})
  void haproxyInFrontSaysWhoDialsIn(String option) throws Exception {
    startServer(
        TunnelServerOptions.builder()
            .plain(true)
            .balancers(address -> address.getHostAddress().equals("127.0.0.1")));
    int balanced = freePort();
    Path configuration = certs.resolve("haproxy.cfg");
    Files.writeString(
        configuration,
        """
        defaults
            mode tcp
            timeout connect 5s
            timeout client 60s
            timeout server 60s
        listen tunnels
            bind 127.0.0.1:%d
            server harp 127.0.0.1:%d %s
        """
            .formatted(balanced, serverPort, option));
    Process haproxy =
        new ProcessBuilder("haproxy", "-db", "-f", configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(certs.resolve("haproxy.log").toFile())
            .start();
    toClose.add(() -> haproxy.destroyForcibly().waitFor());

    frpc(
        "transport.connectServerLocalIP = \"127.0.0.9\"\n"
            + FrpcToml.of(balanced, backend.port(), KEY).text());

    await().atMost(PATIENCE).until(() -> OpenPorts.has(server, PORT));
    assertThatBytesPass();
    assertThat(server.status().sessions())
        .singleElement()
        .extracting(session -> session.address().getAddress().getHostAddress())
        .isEqualTo("127.0.0.9");
  }

  static Stream<Arguments> ways() {
    List<Arguments> ways = new ArrayList<>();
    for (String version : new String[] {FrpBinaries.FIELD, FrpBinaries.NEWEST}) {
      for (Tls tls : Tls.values()) {
        for (boolean mux : new boolean[] {true, false}) {
          ways.add(Arguments.of(version, tls, mux, "v1"));
        }
      }
    }
    ways.add(Arguments.of(FrpBinaries.NEWEST, Tls.MUTUAL, true, "v2"));
    ways.add(Arguments.of(FrpBinaries.NEWEST, Tls.NONE, false, "v2"));
    ways.add(Arguments.of("0.52.3", Tls.MUTUAL, true, "v1"));
    ways.add(Arguments.of("0.65.0", Tls.MUTUAL, true, "v1"));
    return ways.stream();
  }

  @ParameterizedTest(name = "frpc {0}, TLS {1}, mux {2}, wire {3}")
  @MethodSource("ways")
  void bytesPass(String version, Tls tls, boolean mux, String wire) throws Exception {
    Path folder = certs;
    if (tls == Tls.NONE) {
      startPlainServer();
    } else {
      folder = startTlsServer(tls);
    }
    connected(version, toml().withTls(tls, folder).withMux(mux).withWire(wire));

    assertThatBytesPass();

    assertThat(session().clientVersion()).isEqualTo(version);
    assertThat(session().tls()).isEqualTo(tls != Tls.NONE);
    assertThat(session().multiplexed()).isEqualTo(mux);
    assertThat(session().wire()).isEqualTo(wire.equals("v2") ? WireProtocol.V2 : WireProtocol.V1);
  }

  /** The window grows while its bursts are on their way. */
  @Test
  void bytesPassOverALongLine() throws Exception {
    startPlainServer();
    FarLine line = new FarLine(serverPort, 40, 30_000_000);
    toClose.add(line);
    connected(FrpBinaries.FIELD, FrpcToml.of(line.port(), backend.port(), KEY));

    long bytes = 5 * SOME_BYTES;
    TunnelUser sent = user().says("send " + bytes + "\n");

    assertThat(sent.awaitEnd()).isEqualTo(bytes);
    assertThat(sent.checksum()).isEqualTo(Pattern.checksum(bytes));
  }

  static Stream<Arguments> wrappings() {
    return Stream.of(FrpBinaries.FIELD, FrpBinaries.NEWEST)
        .flatMap(
            version ->
                Stream.of(
                    Arguments.of(version, true, false),
                    Arguments.of(version, false, true),
                    Arguments.of(version, true, true)));
  }

  @ParameterizedTest(name = "frpc {0}, encryption {1}, compression {2}")
  @MethodSource("wrappings")
  void wrappedBytesPass(String version, boolean encryption, boolean compression) throws Exception {
    startPlainServer();
    connected(version, toml().withEncryption(encryption).withCompression(compression));

    assertThatBytesPass();
  }

  @Test
  void frpsMarkerMayPrecedeTls() throws Exception {
    Path folder = startTlsServer(Tls.MUTUAL);
    String marked =
        "transport.tls.disableCustomTLSFirstByte = false\n"
            + toml().withTls(Tls.MUTUAL, folder).text();
    frpc(marked);

    await().atMost(PATIENCE).until(() -> OpenPorts.has(server, PORT));
    assertThatBytesPass();
  }

  @ParameterizedTest(name = "frpc {0}, encryption {1}, compression {2}")
  @MethodSource("wrappings")
  void aVisitorReachesASecretService(String version, boolean encryption, boolean compression)
      throws Exception {
    startPlainServer();
    int visitorPort = freePort();
    String common =
        """
        serverAddr = "127.0.0.1"
        serverPort = %d
        metadatas.token = "%s"
        transport.tls.enable = false
        """
            .formatted(serverPort, KEY);
    String wrapping =
        "transport.useEncryption = %s\ntransport.useCompression = %s\n"
            .formatted(encryption, compression);
    toClose.add(
        FrpBinaries.of(version)
            .frpc(
                common
                    + "[[proxies]]\nname = \"s\"\ntype = \"stcp\"\nsecretKey = \"sk\"\nlocalPort = %d\n"
                        .formatted(backend.port())
                    + wrapping));
    await().atMost(PATIENCE).until(() -> opened.contains("s"));
    toClose.add(
        FrpBinaries.of(version)
            .frpc(
                common
                    + "[[visitors]]\n"
                    + "name = \"v\"\n"
                    + "type = \"stcp\"\n"
                    + "serverName = \"s\"\n"
                    + "secretKey = \"sk\"\n"
                    + "bindPort = %d\n".formatted(visitorPort)
                    + wrapping)
            .awaitLog("start visitor success"));

    try (Socket visitor = new Socket(InetAddress.getLoopbackAddress(), visitorPort)) {
      visitor.setSoTimeout(60_000);
      visitor.getOutputStream().write("send 1000000\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(visitor.getInputStream().readAllBytes()).isEqualTo(Pattern.bytes(1_000_000));
    }
  }

  @Test
  void aClientWithoutItsCertificateIsTurnedAway() throws Exception {
    Path folder = startTlsServer(Tls.MUTUAL);

    frpc(FrpBinaries.FIELD, toml().withTls(Tls.SERVER_ONLY, folder))
        .awaitLog("connect to server error");

    await()
        .untilAsserted(
            () ->
                assertThat(refusals)
                    .anyMatch(
                        reason ->
                            reason.contains("without a certificate")
                                && reason.contains("transport.tls.certFile")
                                && reason.contains("/certs/frp")));
    assertThat(server.status().sessions()).isEmpty();
  }

  @Test
  void aForeignCertificateIsTurnedAwayOnEitherSide() throws Exception {
    Path folder = startTlsServer(Tls.MUTUAL);
    Path foreign = certs.resolve("foreign");
    CertificateAuthority.open(foreign, Duration.ofDays(30), Clock.systemUTC());
    Path others = foreign.resolve("frp");
    String toml = toml().withTls(Tls.MUTUAL, folder).text();

    frpc(toml.replace(folder + "/client.", others + "/client."))
        .awaitLog("connect to server error");
    frpc(toml.replace(folder + "/ca.crt", others + "/ca.crt")).awaitLog("connect to server error");

    await()
        .untilAsserted(
            () ->
                assertThat(refusals)
                    .anySatisfy(
                        reason ->
                            assertThat(reason)
                                .contains("not of this server's authority")
                                .contains("transport.tls.certFile"))
                    .anySatisfy(
                        reason ->
                            assertThat(reason)
                                .contains("does not trust")
                                .contains("transport.tls.trustedCaFile")));
    assertThat(server.status().sessions()).isEmpty();
  }

  @Test
  void frpcPrintsWhyItWasRefused() throws Exception {
    startPlainServer();
    frpc(FrpBinaries.FIELD, toml().withToken("wrong"))
        .awaitLog("the token in metadatas.token is not valid here");
    frpc(FrpBinaries.FIELD, toml().withRemotePort(80)).awaitLog("port not allowed: 80");
    connected(FrpBinaries.FIELD, toml());
    frpc(FrpBinaries.FIELD, toml()).awaitLog("proxy [app] already exists");
  }
}
