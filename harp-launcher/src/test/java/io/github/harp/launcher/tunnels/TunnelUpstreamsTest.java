// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.tunnels;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.Deployment;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.Secret;
import io.github.harp.core.TunnelTokens.Claim;
import io.github.harp.core.Upstream;
import io.github.harp.core.route.RouteTable;
import io.github.harp.core.testing.UndialledEngines;
import io.github.harp.operations.Way;
import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.TunnelAuthenticator;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelIdentity;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.TunnelServerOptions;
import io.github.harp.tunnel.TunnelStatus;
import io.github.harp.tunnel.WireProtocol;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TunnelUpstreamsTest {

  private static final TunnelStatus.Session CLIENT =
      new TunnelStatus.Session(
          1,
          TunnelIdentity.shared("test"),
          InetSocketAddress.createUnresolved("203.0.113.7", 40000),
          "0.61.1",
          WireProtocol.V1,
          true,
          true,
          Instant.EPOCH,
          List.of(),
          0,
          0,
          0,
          0);

  private final Map<Integer, TunnelStatus.Session> holders = new HashMap<>();
  private final TunnelServer server;
  private final OpenPorts ports = new OpenPorts();
  private final TunnelUpstreams upstreams;

  TunnelUpstreamsTest() throws TunnelException {
    server =
        new TunnelServer(
            TunnelServerOptions.builder()
                .plain(true)
                .authenticator(TunnelAuthenticator.sharedKey("k"))
                .build());
    upstreams =
        new TunnelUpstreams(
            server,
            ports,
            exApp -> Future.succeededFuture(new Named("direct:" + exApp.address().port())));
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void anExAppThatHasDialledInIsReachedThroughItsTunnel() {
    open(23000);

    assertThat(where("127.0.0.1", 23000)).isEqualTo("tunnel:23000");
    assertThat(where("localhost", 23000)).isEqualTo("tunnel:23000");
  }

  @Test
  void anExAppOnThisHostThatNeverDialledInIsReachedDirectly() {
    assertThat(where("127.0.0.1", 23000)).isEqualTo("direct:23000");
  }

  @Test
  void anExAppElsewhereIsReachedDirectlyWhateverItsPort() {
    open(23000);

    assertThat(where("nc_app_demo", 23000)).isEqualTo("direct:23000");
    assertThat(where("10.0.0.7", 23000)).isEqualTo("direct:23000");
  }

  @Test
  @DisplayName("W7 while an ExApp's tunnel is away, a local process on its port gets nothing")
  void w7_whileATunnelIsAwayALocalProcessOnItsPortGetsNothing() {
    open(23000);
    close(23000);

    assertThat(where("127.0.0.1", 23000)).isEqualTo("tunnel:23000");
  }

  @ParameterizedTest
  @DisplayName("F26: on whatever spelling of this host it is, its tunnel is what it is reached by")
  @ValueSource(
      strings = {
        "LOCALHOST",
        "localhost.",
        "127.0.0.2",
        "0.0.0.0",
        "::",
        "::1",
        "[::1]",
        "::ffff:127.0.0.1"
      })
  void f26_everySpellingOfThisHostIsBehindTheTunnel(String host) {
    open(23000);
    close(23000);

    assertThat(where(host, 23000)).isEqualTo("tunnel:23000");
  }

  @Test
  @DisplayName("F13: what is registered by hand on a port that was another's is reached directly")
  void f13_whatIsRegisteredByHandOnAPortThatWasAnothersIsReachedDirectly() {
    open(session("demo", "its secret"), 23000);
    close(23000);

    assertThat(where(exApp("by-hand", "another secret"))).isEqualTo("direct:23000");
    assertThat(where(exApp("demo", "its secret"))).isEqualTo("tunnel:23000");
  }

  @Test
  @DisplayName("F13: also where the same ExApp is registered again, by hand")
  void f13_alsoWhereTheSameExAppIsRegisteredAgain() {
    open(session("demo", "its secret"), 23000);
    close(23000);

    assertThat(where(exApp("demo", "a new secret"))).isEqualTo("direct:23000");
  }

  @Test
  @DisplayName("F13: also where the tunnel was opened with the key, once it was known whose it is")
  void f13_alsoWhereTheTunnelWasOpenedWithTheKey() {
    open(23000);
    assertThat(where(exApp("demo", "its secret"))).isEqualTo("tunnel:23000");
    close(23000);

    assertThat(where(exApp("by-hand", "another secret"))).isEqualTo("direct:23000");
    assertThat(where(exApp("demo", "its secret"))).isEqualTo("tunnel:23000");
  }

  @Test
  @DisplayName("F13: a tunnel of which nobody knows whose it was keeps its port for tunnels")
  void f13_aTunnelOfWhichNobodyKnowsWhoseItWasKeepsItsPort() {
    open(23000);
    close(23000);

    assertThat(where(exApp("by-hand", "another secret"))).isEqualTo("tunnel:23000");
  }

  @Test
  @DisplayName("W7: an ExApp that got a token is not reached directly on a port that had a tunnel")
  void w7_whoGotATokenIsNotReachedDirectlyOnAPortThatHadATunnel() {
    var successor = exApp("successor", "another secret");
    ports.expect(successor.deployment(), 23000);
    assertThat(where(successor)).isEqualTo("direct:23000");

    open(session("demo", "its secret"), 23000);
    close(23000);

    assertThat(where(successor)).isEqualTo("tunnel:23000");
  }

  @Test
  @DisplayName("F10, F13: doctor is told how an ExApp is reached")
  void f10_f13_howAnExAppIsReachedIsKnown() {
    var demo = exApp("demo", "its secret");
    var successor = exApp("successor", "another secret");
    assertThat(ports.way(demo)).isEqualTo(Way.DIRECT);

    open(session("demo", "its secret"), 23000);
    ports.expect(successor.deployment(), 23000);
    assertThat(ports.way(demo)).isEqualTo(Way.TUNNEL);
    assertThat(ports.way(successor)).isEqualTo(Way.TUNNEL_OF_ANOTHER);
    assertThat(ports.way(exApp("by-hand", "a secret"))).isEqualTo(Way.DIRECT);

    close(23000);
    assertThat(ports.way(demo)).isEqualTo(Way.TUNNEL_AWAY);
  }

  @Test
  @DisplayName("W7: a tunnel that ends after its port was opened anew takes nothing away")
  void w7_aTunnelThatEndsAfterItsPortWasOpenedAnewTakesNothingAway() {
    var older = session("demo", "its secret");
    open(older, 23000);
    open(CLIENT, 23000);
    ports.closed(older, proxy(23000), "test");

    assertThat(ports.isOpen(23000)).isTrue();
  }

  @Test
  void enginesAreThoseThatAreConfiguredAndThoseThatHaveDialledIn() {
    var engines = new TunnelEngines(UndialledEngines.first("configured:24000"), server, ports);
    open(24001);
    open(23000);

    assertThat(engines.numbers()).containsExactly(new EngineNumber(24000), new EngineNumber(24001));
    assertThat(engines.find(new EngineNumber(24000))).hasToString("Optional[configured:24000]");
    assertThat(engines.find(new EngineNumber(24001))).hasToString("Optional[tunnel:24001]");
    assertThat(engines.find(new EngineNumber(24002))).isEmpty();
  }

  @Test
  void anEngineIsGoneWithItsTunnel() {
    var engines = new TunnelEngines(UndialledEngines.first("configured:24000"), server, ports);
    open(24001);
    close(24001);

    assertThat(engines.find(new EngineNumber(24001))).isEmpty();
  }

  private String where(String host, int port) {
    return where(
        new ExApp(
            new AppId("demo"),
            "1",
            new ExAppAddress(host, port),
            Secret.of("s"),
            RouteTable.empty()));
  }

  private static ExApp exApp(String id, String secret) {
    return new ExApp(
        new AppId(id),
        "1",
        new ExAppAddress("127.0.0.1", 23000),
        Secret.of(secret),
        RouteTable.empty());
  }

  private String where(ExApp exApp) {
    return upstreams.locate(exApp).result().toString();
  }

  private void open(int port) {
    open(CLIENT, port);
  }

  private void open(TunnelStatus.Session client, int port) {
    holders.put(port, client);
    ports.opened(client, proxy(port));
  }

  private void close(int port) {
    ports.closed(holders.remove(port), proxy(port), "test");
  }

  private static TunnelStatus.Session session(String appId, String secret) {
    var claim = new Claim(Deployment.of(new AppId(appId), Secret.of(secret)), 23000);
    return new TunnelStatus.Session(
        2,
        TunnelIdentity.exclusive(appId).with(claim),
        CLIENT.address(),
        "0.61.1",
        WireProtocol.V1,
        true,
        true,
        Instant.EPOCH,
        List.of(),
        0,
        0,
        0,
        0);
  }

  private static TunnelStatus.Proxy proxy(int port) {
    return new TunnelStatus.Proxy("p" + port, ProxyType.TCP, port, Instant.EPOCH);
  }

  private record Named(String name) implements Upstream {
    @Override
    public Future<Channel> connect(EventLoop loop) {
      return Future.failedFuture("not connected in this test");
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
