// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.PortRange;
import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.frp.ClientMessage.CloseProxy;
import io.github.harp.tunnel.frp.ClientMessage.NewProxy;
import io.github.harp.tunnel.frp.ClientMessage.Ping;
import io.github.harp.tunnel.frp.Message.LoginResp;
import io.github.harp.tunnel.frp.Message.NewVisitorConnResp;
import io.github.harp.tunnel.frp.Message.StartWorkConn;
import io.github.harp.tunnel.frp.OpeningMessage.ClientSpec;
import io.github.harp.tunnel.frp.OpeningMessage.Login;
import io.github.harp.tunnel.frp.OpeningMessage.NewVisitorConn;
import io.github.harp.tunnel.frp.OpeningMessage.NewWorkConn;
import io.github.harp.tunnel.frp.PrivilegeKey;
import io.github.harp.tunnel.frp.ServerMessage.Pong;
import io.github.harp.tunnel.frp.ServerMessage.ReqWorkConn;
import io.github.harp.tunnel.interop.FreePort;
import io.github.harp.tunnel.server.TunnelLimits.PerClient;
import io.github.harp.tunnel.server.TunnelLimits.Times;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client may and may not do, seen from its side of the wire. */
class TunnelServerTest {

  private static final String KEY = "the shared key";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final Events events = new Events();
  private TunnelServer server;
  private InetSocketAddress address;

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private TunnelServerOptions.Builder options() {
    return TunnelServerOptions.builder()
        .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .plain(true)
        .eventLoops(loops, loops, NioServerSocketChannel.class)
        .listener(events)
        .authenticator(TunnelAuthenticator.sharedKey(KEY));
  }

  private void start(TunnelServerOptions.Builder options) throws Exception {
    server = new TunnelServer(options.build());
    address = server.start().get(30, TimeUnit.SECONDS);
  }

  private FrpPeer client() {
    return FrpPeer.connect(address, loops);
  }

  private Future<Channel> dial(int port) {
    return server.dial("", port, loops.next(), anybody -> true);
  }

  private void awaitOpen(int port) {
    await().until(() -> OpenPorts.has(server, port));
  }

  // ---- logins

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

  // ---- proxies

  @Test
  void aPortIsOpenAfterNewProxyAndGoneAfterCloseProxy() throws Exception {
    start(options());
    FrpPeer peer = client().loggedIn(KEY);

    assertThat(peer.propose(NewProxy.tcp("app", 23_001, false, false)).remoteAddr())
        .isEqualTo(":23001");
    awaitOpen(23_001);

    peer.control().send(new CloseProxy("app"));
    await().until(() -> !OpenPorts.has(server, 23_001));
    assertThat(events.heard)
        .containsExactly(
            "connected shared key", "opened app 23001", "closed app: closed by the client");
  }

  @Test
  void refusalsSayWhy() throws Exception {
    start(options().proxyTypes(ProxyType.TCP));
    client().loggedIn(KEY).withTcp("taken", 23_000);
    FrpPeer peer = client().loggedIn(KEY);

    assertThat(peer.propose(NewProxy.tcp("app", 80, false, false)).error())
        .contains("port not allowed")
        .contains("23000-23999");
    assertThat(peer.propose(NewProxy.tcp("taken", 23_001, false, false)).error())
        .isEqualTo("proxy [taken] already exists");
    assertThat(peer.propose(NewProxy.tcp("app", 23_000, false, false)).error())
        .contains("port already used");
    assertThat(peer.propose(proxy("app", "udp", 23_001)).error())
        .contains("proxy type [udp]")
        .contains("tcp");
    assertThat(peer.propose(proxy("app", "stcp", 0)).error()).contains("proxy type [stcp]");
    assertThat(peer.propose(NewProxy.tcp("", 23_001, false, false)).error()).contains("name");
    assertThat(events.heard)
        .anyMatch(
            heard -> heard.matches("refused: client #2 .*may not open \\[app].*not allowed.*"));
    assertThat(peer.propose(NewProxy.tcp("app", 23_001, false, false)).error()).isEmpty();
    assertThat(peer.propose(NewProxy.tcp("more", 23_002, false, false)).error())
        .contains("exceed the max_ports_per_client");
  }

  @Test
  void aClientThatDoesNotNameAPortGetsAFreeOne() throws Exception {
    start(options().ports(new PortRange(23_000, 23_001)));
    client().loggedIn(KEY).withTcp("one", 23_000);

    assertThat(client().loggedIn(KEY).propose(NewProxy.tcp("two", 0, false, false)).remoteAddr())
        .isEqualTo(":23001");
    assertThat(client().loggedIn(KEY).propose(NewProxy.tcp("three", 0, false, false)).error())
        .isEqualTo("no available port");
  }

  @Test
  @DisplayName("W15 the authenticator decides about name and port of every proxy")
  void w15_theAuthenticatorDecidesAboutEveryProxy() throws Exception {
    start(options().authenticator(new OnlyItsOwn()));
    FrpPeer peer = client().loggedIn("app:23005");

    assertThat(peer.propose(NewProxy.tcp("other", 23_005, false, false)).error())
        .isEqualTo("not yours");
    assertThat(peer.propose(NewProxy.tcp("app", 24_000, false, false)).error())
        .isEqualTo("not yours");
    assertThat(peer.propose(NewProxy.tcp("app", 23_005, false, false)).error()).isEmpty();
  }

  // ---- replacement

  @Test
  void aReconnectingClientTakesOverItsOldSession() throws Exception {
    start(options());
    FrpPeer old = client().loggedIn(KEY).withTcp("app", 23_000);

    FrpPeer again = client().withRunId(old.runId()).loggedIn(KEY).withTcp("app", 23_000);

    old.control().expectEnd();
    assertThat(again.runId()).isEqualTo(old.runId());
    awaitOpen(23_000);
  }

  @Test
  void theSameCredentialOfItsOwnReplacesTheOlderSessionAtOnce() throws Exception {
    start(options().authenticator(new OnlyItsOwn()));
    FrpPeer old = client().loggedIn("app:23005").withTcp("app", 23_005);

    client().loggedIn("app:23005").withTcp("app", 23_005);

    old.control().expectEnd();
  }

  @Test
  void aNameHeldByADeadSelfIsFreedAtOnce() throws Exception {
    start(options());
    FrpPeer old = client().loggedIn(KEY).withTcp("engine", 24_001);
    old.connection().config().setAutoRead(false);

    FrpPeer restarted = client().loggedIn(KEY);

    assertThat(restarted.propose(NewProxy.tcp("engine", 24_001, false, false)).error()).isEmpty();
    assertThat(server.status().sessions()).hasSize(1);
  }

  @Test
  void aNameHeldByALivingClientIsNotTaken() throws Exception {
    start(options());
    FrpPeer holder = client().loggedIn(KEY).withTcp("engine", 24_001);

    assertThat(client().loggedIn(KEY).propose(NewProxy.tcp("engine", 24_001, false, false)).error())
        .contains("already exists");
    assertThat(holder.control().isOpen()).isTrue();
  }

  @Test
  @DisplayName("S12: whose credential is its own has names of its own")
  void s12_nobodySquatsOnTheNameOfAnother() throws Exception {
    start(options().authenticator(new OnlyItsPort()));
    FrpPeer squatter = client().loggedIn("any:23006").withTcp("app", 23_006);

    client().loggedIn("app:23005").withTcp("app", 23_005);
    awaitOpen(23_005);
    awaitOpen(23_006);

    squatter.control().send(new CloseProxy("app"));
    await().until(() -> !OpenPorts.has(server, 23_006));
    assertThat(OpenPorts.has(server, 23_005)).isTrue();
  }

  @Test
  @DisplayName("S12: a client to whom the port belongs replaces one of another identity")
  void s12_whomThePortBelongsToReplacesAnother() throws Exception {
    start(options().authenticator(new OnlyItsPort()));
    FrpPeer squatter = client().loggedIn("any:23005").withTcp("app", 23_005);

    client().loggedIn("owner:23005").withTcp("app", 23_005);
    squatter.control().expectEnd();

    assertThat(
            client()
                .loggedIn("any:23005")
                .propose(NewProxy.tcp("app", 23_005, false, false))
                .error())
        .as("and is not replaced")
        .isEqualTo("port already used: 23005");
  }

  @Test
  @DisplayName("S12: a dead client of another identity does not hold a port either")
  void s12_aDeadClientOfAnotherIdentityHoldsNoPort() throws Exception {
    start(options().authenticator(new OnlyItsPort()));
    FrpPeer dead = client().loggedIn("app:23005").withTcp("app", 23_005);
    dead.connection().config().setAutoRead(false);

    assertThat(
            client()
                .loggedIn("any:23005")
                .propose(NewProxy.tcp("app", 23_005, false, false))
                .error())
        .isEmpty();
  }

  @Test
  void aForeignRunIdIsNotTakenOver() throws Exception {
    start(options().authenticator(new OnlyItsOwn()));
    FrpPeer victim = client().loggedIn("app:23005").withTcp("app", 23_005);

    FrpPeer thief = client().withRunId(victim.runId()).loggedIn("thief:23006");

    assertThat(thief.runId()).isNotEqualTo(victim.runId());
    awaitOpen(23_005);
    assertThat(victim.control().isOpen()).isTrue();
  }

  @Test
  void aClientThatLeavesFreesItsPorts() throws Exception {
    start(options());
    FrpPeer peer = client().loggedIn(KEY).withTcp("app", 23_000);
    awaitOpen(23_000);

    peer.close();

    await().until(() -> !OpenPorts.has(server, 23_000));
    assertThat(events.heard).last().asString().startsWith("disconnected shared key");
    assertThat(server.status().sessions()).isEmpty();
  }

  // ---- work connections

  @Test
  void askForWorkConnectionsAndBindsThemToTheUser() throws Exception {
    start(options());
    FrpPeer peer = client().loggedIn(KEY).withTcp("app", 23_000);
    awaitOpen(23_000);
    FrpPeer.Stream work = peer.openWork();

    Channel user = dial(23_000).get(30, TimeUnit.SECONDS);

    StartWorkConn start = work.expect(StartWorkConn.class);
    assertThat(start).isEqualTo(new StartWorkConn("app", "", "", 0, 0, ""));
    work.sendBytes("from the service");
    TunnelUser reader = new TunnelUser();
    user.pipeline().addLast(reader);
    user.config().setAutoRead(true);
    await().until(() -> reader.head().equals("from the service"));
    assertThat(server.status().sessions().get(0).streams()).isOne();
    assertThat(server.status().sessions().get(0).bytesIn()).isEqualTo("from the service".length());
  }

  @Test
  void whatWasCarriedIsStillCountedWhenTheClientHasLeft() throws Exception {
    start(options());
    FrpPeer peer = client().loggedIn(KEY).withTcp("app", 23_000);
    awaitOpen(23_000);
    FrpPeer.Stream work = peer.openWork();
    Channel user = dial(23_000).get(30, TimeUnit.SECONDS);
    TunnelUser reader = new TunnelUser();
    user.pipeline().addLast(reader);
    user.config().setAutoRead(true);
    work.sendBytes("from the service");
    await().until(() -> reader.head().equals("from the service"));

    peer.close();

    await().until(() -> server.status().sessions().isEmpty());
    assertThat(server.status().totals())
        .isEqualTo(new TunnelStatus.Totals(1, 1, "from the service".length(), 0));
  }

  @Test
  void aUserWhoComesTheMomentTheClientHearsOfItsPortIsServed() throws Exception {
    start(options());
    FrpPeer peer = client().loggedIn(KEY).withTcp("app", 23_000);

    assertThat(OpenPorts.has(server, 23_000)).isTrue();
    Future<Channel> user = dial(23_000);
    FrpPeer.Stream work = peer.openWork();

    assertThat(user.get(30, TimeUnit.SECONDS).isActive()).isTrue();
    assertThat(work.expect(StartWorkConn.class).proxyName()).isEqualTo("app");
  }

  @Test
  void asksForOneMoreWhenAUserHasToWait() throws Exception {
    start(options());
    FrpPeer peer = client().loggedIn(KEY).withTcp("app", 23_000);
    awaitOpen(23_000);
    peer.openWork();
    dial(23_000).get(30, TimeUnit.SECONDS);

    Future<Channel> second = dial(23_000);
    peer.control().expectNext(ReqWorkConn.class);
    peer.openWork();

    assertThat(second.get(30, TimeUnit.SECONDS).isActive()).isTrue();
  }

  @Test
  void aClientThatOpensNothingLetsTheUserGoInTime() throws Exception {
    start(
        options()
            .limits(Limits.of(new Times(PATIENCE, PATIENCE, Duration.ofMillis(200), PATIENCE))));
    client().loggedIn(KEY).withTcp("app", 23_000);
    awaitOpen(23_000);

    assertThatThrownBy(() -> dial(23_000).get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(TunnelException.class)
        .hasMessageContaining("no work connection");
  }

  @Test
  void aUserWhoHasLeftMeanwhileTakesNoWorkConnection() throws Exception {
    start(options());
    FrpPeer peer = client().loggedIn(KEY).withTcp("app", 23_000);
    awaitOpen(23_000);
    Future<Channel> left = dial(23_000);
    assertThat(left.cancel(false)).isTrue();
    Future<Channel> stays = dial(23_000);

    FrpPeer.Stream work = peer.openWork();

    stays.get(30, TimeUnit.SECONDS).close();
    work.expect(StartWorkConn.class);
    work.expectEnd();
  }

  @Test
  void moreUsersThanAClientMayHaveAreLetGoAtOnce() throws Exception {
    start(options().limits(Limits.of(new PerClient(33, 1, 5, 1 << 30))));
    FrpPeer peer = client().loggedIn(KEY).withTcp("app", 23_000);
    awaitOpen(23_000);
    peer.openWork();
    peer.openWork();
    Channel first = dial(23_000).get(30, TimeUnit.SECONDS);

    assertThat(dial(23_000).await().cause())
        .isInstanceOfSatisfying(
            TunnelException.class,
            failure -> assertThat(failure.code()).isEqualTo(TunnelException.Code.LIMIT_REACHED));

    first.close();
    await().until(() -> dial(23_000).await().isSuccess());
  }

  @Test
  void aPortThatNobodyHasIsSaidSo() throws Exception {
    start(options());

    assertThat(((TunnelException) dial(23_000).cause()).code())
        .isEqualTo(TunnelException.Code.NO_SUCH_PORT);
  }

  @Test
  void usersWhoWaitAreLetGoWhenTheClientLeaves() throws Exception {
    start(options());
    FrpPeer peer = client().loggedIn(KEY).withTcp("app", 23_000);
    awaitOpen(23_000);
    Future<Channel> waiting = dial(23_000);

    peer.close();

    await().until(waiting::isDone);
    assertThat(waiting.cause()).isInstanceOf(TunnelException.class);
  }

  @Test
  void anotherConnectionCannotServeForAMultiplexedClient() throws Exception {
    start(options());
    FrpPeer victim = client().loggedIn(KEY).withTcp("app", 23_000);
    FrpPeer thief = client().loggedIn(KEY);

    FrpPeer.Stream stolen = thief.openStream();
    stolen.send(NewWorkConn.of(victim.runId()));

    assertThat(stolen.expect(StartWorkConn.class).error()).contains("run id");
    stolen.expectEnd();
  }

  @Test
  void workConnectionsThatNobodyAskedForAreRefused() throws Exception {
    start(options());
    FrpPeer peer = client().loggedIn(KEY);

    peer.openWork();
    FrpPeer.Stream tooMany = peer.openWork();

    assertThat(tooMany.expect(StartWorkConn.class).error()).contains("pool is full");
  }

  @Test
  void aParkedWorkConnectionThatSpeaksIsClosed() throws Exception {
    start(options());
    FrpPeer peer = client().loggedIn(KEY);
    FrpPeer.Stream work = peer.openWork();
    await().until(() -> server.status().sessions().get(0).idle() == 1);

    work.send(Ping.PLAIN);

    work.expectEnd();
    await().until(() -> server.status().sessions().get(0).idle() == 0);
  }

  @Test
  void aClientWithoutMultiplexingWorks() throws Exception {
    start(options());
    FrpPeer peer = FrpPeer.withoutMux(address, loops).loggedIn(KEY).withTcp("app", 23_000);
    awaitOpen(23_000);
    FrpPeer.Stream work = peer.openWork();

    dial(23_000).get(30, TimeUnit.SECONDS).writeAndFlush(Unpooled.copiedBuffer("hi".getBytes()));

    work.expect(StartWorkConn.class);
    assertThat(work.expectBytes()).isEqualTo("hi");
  }

  @Test
  void aClientIsToldWhoComesThroughAPortOfLoopback() throws Exception {
    int port = FreePort.find();
    start(options().ports(new PortRange(port, port)).exposeOnLoopback(true));
    FrpPeer.Stream work = client().loggedIn(KEY).withTcp("app", port).openWork();
    awaitOpen(port);

    try (var user = new Socket(InetAddress.getLoopbackAddress(), port)) {
      assertThat(work.expect(StartWorkConn.class))
          .isEqualTo(
              new StartWorkConn("app", "127.0.0.1", "127.0.0.1", user.getLocalPort(), port, ""));
    }
  }

  @Test
  void aPingIsAnswered() throws Exception {
    start(options());
    FrpPeer peer = client().loggedIn(KEY);

    peer.control().send(Ping.PLAIN);

    assertThat(peer.control().expectNext(Pong.class).error()).isEmpty();
  }

  // ---- visitors

  @Test
  void aVisitorWhoKnowsTheSecretReachesTheService() throws Exception {
    start(options());
    FrpPeer owner = client().loggedIn(KEY);
    assertThat(owner.propose(proxy("secret", "stcp", 0)).error()).isEmpty();
    FrpPeer.Stream work = owner.openWork();
    await().until(() -> events.heard.contains("opened secret 0"));

    FrpPeer guest = client().loggedIn(KEY);
    FrpPeer.Stream visit = guest.openStream();
    visit.send(
        new NewVisitorConn(guest.runId(), "secret", PrivilegeKey.of("sk", 5), 5, false, false));

    assertThat(visit.expect(NewVisitorConnResp.class).error()).isEmpty();
    visit.sendBytes("knock");
    StartWorkConn start = work.expect(StartWorkConn.class);
    assertThat(start.proxyName()).isEqualTo("secret");
    assertThat(start.srcAddr()).as("who visits").isEqualTo("127.0.0.1");
    assertThat(work.expectBytes()).isEqualTo("knock");
    work.sendBytes("who is there?");
    assertThat(visit.expectBytes()).isEqualTo("who is there?");
  }

  @Test
  void aVisitorWithoutTheSecretIsRefused() throws Exception {
    start(options());
    client().loggedIn(KEY).propose(proxy("secret", "stcp", 0));
    await().until(() -> events.heard.contains("opened secret 0"));
    FrpPeer guest = client().loggedIn(KEY);

    FrpPeer.Stream visit = guest.openStream();
    visit.send(
        new NewVisitorConn(guest.runId(), "secret", PrivilegeKey.of("guess", 5), 5, false, false));

    assertThat(visit.expect(NewVisitorConnResp.class).error()).contains("auth failed");
  }

  // ---- ends

  @Test
  void stoppingWaitsForStreamsAndThenEndsEverySession() throws Exception {
    start(options());
    FrpPeer peer = client().loggedIn(KEY).withTcp("app", 23_000);
    awaitOpen(23_000);
    peer.openWork();
    Channel user = dial(23_000).get(30, TimeUnit.SECONDS);

    Future<Void> stopped = server.stop(Duration.ofSeconds(30));
    assertThat(stopped.await(200)).isFalse();
    user.close();

    assertThat(stopped.await(30, TimeUnit.SECONDS)).isTrue();
    peer.control().expectEnd();
    assertThat(events.heard).last().isEqualTo("disconnected shared key: the server stops");
  }

  @Test
  void disconnectEndsTheSessionsThatAreMeant() throws Exception {
    start(options());
    FrpPeer one = client().loggedIn(KEY).withTcp("one", 23_000);
    FrpPeer two = client().loggedIn(KEY).withTcp("two", 23_001);
    awaitOpen(23_000);
    awaitOpen(23_001);

    server.disconnect(
        session -> session.proxies().stream().anyMatch(proxy -> proxy.name().equals("one")),
        "removed");

    one.control().expectEnd();
    assertThat(two.control().isOpen()).isTrue();
  }

  @Test
  void optionsThatCannotWorkAreRefused() {
    assertThatThrownBy(() -> new TunnelServer(options().plain(false).build()))
        .hasMessageContaining("neither TLS nor plain");
    assertThatThrownBy(() -> new TunnelServer(TunnelServerOptions.builder().plain(true).build()))
        .hasMessageContaining("authenticator");
  }

  // ---- helpers

  private static NewProxy proxy(String name, String type, int port) {
    return new NewProxy(
        name, type, false, false, "", "", "", "", Map.of(), Map.of(), port, "sk", List.of());
  }

  /** Tokens of the form {@code name:port}, each good for that name and that port. */
  private static final class OnlyItsOwn implements TunnelAuthenticator {
    @Override
    public CompletionStage<LoginDecision> authenticate(LoginRequest login) {
      return CompletableFuture.completedFuture(
          new LoginDecision.Accept(TunnelIdentity.exclusive(login.metas().get("token"))));
    }

    @Override
    public CompletionStage<ProxyDecision> authorize(TunnelIdentity client, ProxyRequest proxy) {
      boolean own = client.name().equals(proxy.name() + ":" + proxy.remotePort());
      return CompletableFuture.supplyAsync(
          () ->
              own
                  ? new ProxyDecision.Allow()
                  : new ProxyDecision.Refuse("not yours", RefusalCode.PROXY));
    }
  }

  /** Tokens of the form {@code name:port}, each good for that port; that of an owner overrules. */
  private static final class OnlyItsPort implements TunnelAuthenticator {
    @Override
    public CompletionStage<LoginDecision> authenticate(LoginRequest login) {
      return new OnlyItsOwn().authenticate(login);
    }

    @Override
    public CompletionStage<ProxyDecision> authorize(TunnelIdentity client, ProxyRequest proxy) {
      assertThat(client.name()).endsWith(":" + proxy.remotePort());
      return CompletableFuture.completedFuture(
          new ProxyDecision.Allow(client.name().startsWith("owner:")));
    }
  }

  /** Bans after a number of failures. */
  private static final class Failures implements LoginBans {
    final List<InetAddress> recorded = new CopyOnWriteArrayList<>();
    private final int allowed;

    Failures(int allowed) {
      this.allowed = allowed;
    }

    @Override
    public boolean isBanned(InetAddress address) {
      return recorded.size() > allowed;
    }

    @Override
    public void recordFailure(InetAddress address, String reason) {
      recorded.add(address);
    }
  }

  private static final class Events implements TunnelListener {
    final List<String> heard = new CopyOnWriteArrayList<>();

    @Override
    public void connected(TunnelStatus.Session client) {
      heard.add("connected " + client.identity());
    }

    @Override
    public void opened(TunnelStatus.Session client, TunnelStatus.Proxy proxy) {
      heard.add("opened " + proxy.name() + " " + proxy.remotePort());
    }

    @Override
    public void closed(TunnelStatus.Session client, TunnelStatus.Proxy proxy, String reason) {
      heard.add("closed " + proxy.name() + ": " + reason);
    }

    @Override
    public void disconnected(TunnelStatus.Session client, String reason) {
      heard.add("disconnected " + client.identity() + ": " + reason);
    }

    @Override
    public void refused(InetSocketAddress address, RefusalCode code, String reason) {
      heard.add("refused: " + reason);
    }
  }
}
