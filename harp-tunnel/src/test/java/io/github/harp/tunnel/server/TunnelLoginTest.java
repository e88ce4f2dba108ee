// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.frp.Message.LoginResp;
import io.github.harp.tunnel.frp.OpeningMessage.ClientSpec;
import io.github.harp.tunnel.frp.OpeningMessage.Login;
import io.github.harp.tunnel.frp.PrivilegeKey;
import io.github.harp.tunnel.frp.ServerMessage.ReqWorkConn;
import io.github.harp.tunnel.server.TunnelLimits.Times;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may log in, seen from the client's side of the wire. */
class TunnelLoginTest extends ServerFixture {

  @Test
  void theSharedKeyLogsIn() throws Exception {
    start(options());
    LoginResp answer = client().login(KEY);

    assertThat(answer.error()).isEmpty();
    assertThat(answer.runId()).matches("[0-9a-f]{16}");
  }

  @Test
  void aWrongKeyIsRefusedWithATextAndCounted() throws Exception {
    Failures failures = new Failures(100);
    start(options().bans(failures));

    assertThat(client().login("wrong").error()).contains("token");
    assertThat(client().login("").error()).contains("token");

    assertThat(failures.recorded).hasSize(2).allMatch(InetAddress::isLoopbackAddress);
  }

  @Test
  @DisplayName("W16 a login without metas is refused and counted")
  void w16_aLoginWithoutMetasIsRefusedAndCounted() throws Exception {
    Failures failures = new Failures(100);
    start(options().bans(failures));

    FrpPeer peer = client();
    FrpPeer.Stream control = peer.openStream();
    control.send(
        new Login("0.61.1", "", "", "", "", PrivilegeKey.of("", 1), 1, "", "", null, null, 1));

    assertThat(control.expect(LoginResp.class).error()).isNotEmpty();
    assertThat(failures.recorded).hasSize(1);
  }

  @Test
  @DisplayName("W4 a ban refuses wrong keys only")
  void w4_aBanRefusesWrongKeysOnly() throws Exception {
    start(options().bans(new Failures(0)));

    assertThat(client().login("wrong").error()).isEqualTo("banned");
    assertThat(client().login(KEY).error()).isEmpty();
  }

  @Test
  void frpsOwnTokenIsChecked() throws Exception {
    start(options().frpToken("frp token"));

    assertThat(client().login(KEY).error())
        .isEqualTo("token in login doesn't match token from configuration");
  }

  @Test
  void anAuthenticatorThatFailsOrHangsRefuses() throws Exception {
    CompletableFuture<TunnelAuthenticator.LoginDecision> never = new CompletableFuture<>();
    start(
        options()
            .limits(Limits.of(new Times(PATIENCE, Duration.ofMillis(100), PATIENCE, PATIENCE)))
            .authenticator(
                login -> {
                  if (login.metas().get("token").equals("throw")) {
                    throw new IllegalStateException("no database");
                  }
                  return never;
                }));

    assertThat(client().login("throw").error()).contains("could not be checked");
    assertThat(client().login("hang").error()).contains("could not be checked");
  }

  @Test
  void clientSpecOfANetworkClientIsNotBelieved() throws Exception {
    start(options());

    LoginResp answer =
        client()
            .login(
                "wrong",
                login ->
                    new Login(
                        login.version(),
                        "",
                        "",
                        "",
                        "",
                        login.privilegeKey(),
                        login.timestamp(),
                        "",
                        "",
                        login.metas(),
                        new ClientSpec("ssh-tunnel", true),
                        1));

    assertThat(answer.error()).isNotEmpty();
  }

  @Test
  void anyOtherFirstMessageClosesTheStream() throws Exception {
    start(options());
    FrpPeer.Stream stream = client().openStream();

    stream.send(new ReqWorkConn());

    stream.expectEnd();
  }

  @Test
  void anUnpoliteFirstByteClosesTheConnection() throws Exception {
    start(options());
    FrpPeer.Stream stream = FrpPeer.withoutMux(address, loops).openStream();

    stream.sendRaw("GET / HTTP/1.1\r\n\r\n".getBytes());

    stream.expectEnd();
  }

  @Test
  void withoutPlainAClientWithoutTlsIsTurnedAway() throws Exception {
    start(options().plain(false).tls(() -> null));
    FrpPeer.Stream stream = FrpPeer.withoutMux(address, loops).openStream();

    stream.sendRaw(new byte[12]);

    stream.expectEnd();
    assertThat(events.heard)
        .singleElement()
        .asString()
        .contains("without TLS", "transport.tls.enable", "/certs/frp");
  }

  // ---- behind a balancer

  private static final String HEADER_2 = "0d0a0d0a000d0a515549540a";

  @ParameterizedTest
  @CsvSource({
    // version 1
    "50524f58592054435034203139382e35312e3130302e37203139322e302e322e31203434332038373832 0d0a,"
        + " 198.51.100.7:443",
    "50524f58592054435036203230303a3a37203230303a3a3120343433203837383 20d0a,"
        + " [200:0:0:0:0:0:0:7]:443",
    "50524f585920554e4b4e4f574e0d0a, balancer",
    // version 2: a client of IPv4, of IPv6, with more than its address, and the balancer itself
    "H 2111000cc6336407c000020101bb224e, 198.51.100.7:443",
    "H 21210024 02000000000000000000000000000007 02000000000000000000000000000001 01bb224e,"
        + " [200:0:0:0:0:0:0:7]:443",
    "H 21110013c6336407c000020101bb224e 0400040a0b0c0d, 198.51.100.7:443",
    "H 20000000, balancer",
    // none
    "'', balancer",
  })
  void aBelievedBalancerSaysWhoseAConnectionIs(String hex, String client) throws Exception {
    start(options().balancers(InetAddress::isLoopbackAddress));
    var peer = FrpPeer.withoutMux(address, loops);
    var header = HexFormat.of().parseHex(hex.replace("H", HEADER_2).replace(" ", ""));

    assertThat(peer.announced(header).login(KEY).error()).isEmpty();

    assertThat(server.status().sessions())
        .singleElement()
        .extracting(session -> session.address().toString())
        .asString()
        .satisfies(
            seen ->
                assertThat(seen)
                    .startsWith(client.equals("balancer") ? "/127.0.0.1:" : "/" + client));
  }

  @Test
  void theFailuresOfABalancedClientAreItsOwn() throws Exception {
    var failures = new Failures(100);
    start(options().bans(failures).balancers(InetAddress::isLoopbackAddress));
    var header = "PROXY TCP4 198.51.100.7 192.0.2.1 443 8782\r\n".getBytes(StandardCharsets.UTF_8);

    assertThat(FrpPeer.withoutMux(address, loops).announced(header).login("no").error())
        .contains("token");

    assertThat(failures.recorded)
        .extracting(InetAddress::getHostAddress)
        .containsExactly("198.51.100.7");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PROXY TCP4 198.51.100.7\r\n",
        "PROXY TCP4 198.51.100.256 192.0.2.1 443 8782\r\n",
        "PROXY TCP4 198.51.100.7 192.0.2.1 443 8782 and so on, until nobody can say any more what"
            + " this is to be good for and whether it ever ends"
            + " ...............................................................",
        "\r\n\r\n\0\r\nQUIT\n1",
      })
  void aHeaderThatIsBrokenEndsTheConnection(String header) throws Exception {
    start(options().balancers(InetAddress::isLoopbackAddress));
    var stream = FrpPeer.withoutMux(address, loops).openStream();
    stream.sendRaw((header + "o".repeat(300)).getBytes(StandardCharsets.ISO_8859_1));
    stream.expectEnd();
  }

  @ParameterizedTest
  @DisplayName("F22: who is no frp client is named, whether TLS is required or not")
  @ValueSource(booleans = {true, false})
  void f22_whoIsNoFrpClientIsNamed(boolean plain) throws Exception {
    start(options().plain(plain).tls(() -> null).webSockets(WebSockets.OFF));
    for (String bytes : List.of("PROXY TCP4 192.0.2.1", "GET /~!frp HTTP/1.1", "GET / HTTP/1.1")) {
      FrpPeer.Stream stream = FrpPeer.withoutMux(address, loops).openStream();
      stream.sendRaw(bytes.getBytes(StandardCharsets.US_ASCII));
      stream.expectEnd();
    }
    FrpPeer.Stream unfinished = FrpPeer.withoutMux(address, loops).openStream();
    unfinished.sendRaw("SSH".getBytes(StandardCharsets.US_ASCII));
    unfinished.channel().close();

    await().until(() -> events.heard.size() == 4);
    assertThat(events.heard.get(0)).contains("PROXY protocol, version 1");
    assertThat(events.heard.get(1)).contains("transport.protocol");
    assertThat(events.heard.get(2)).contains("an HTTP request");
    assertThat(events.heard.get(3)).contains("not an frp client", "535348");
  }

  @Test
  void aServerWithoutTlsSaysSoToAClientWithTls() throws Exception {
    start(options());
    FrpPeer.Stream stream = FrpPeer.withoutMux(address, loops).openStream();

    stream.sendRaw(new byte[] {0x16, 3, 1});

    stream.expectEnd();
    assertThat(events.heard)
        .singleElement()
        .asString()
        .contains("TLS switched off", "transport.tls.enable = false");
  }

  @Test
  void aTlsContextThatCannotBeMadeIsReported() throws Exception {
    start(
        options()
            .tls(
                () -> {
                  throw new IllegalStateException("server.key is gone");
                }));
    FrpPeer.Stream stream = FrpPeer.withoutMux(address, loops).openStream();

    stream.sendRaw(new byte[] {0x16});

    stream.expectEnd();
    assertThat(events.heard).anyMatch(heard -> heard.contains("server.key is gone"));
  }
}
