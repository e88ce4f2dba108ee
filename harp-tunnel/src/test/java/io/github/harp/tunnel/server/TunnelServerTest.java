// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.PortRange;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.frp.ClientMessage.Ping;
import io.github.harp.tunnel.frp.Message.NewVisitorConnResp;
import io.github.harp.tunnel.frp.Message.StartWorkConn;
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
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How users are served, seen from a client's side of the wire. */
class TunnelServerTest extends ServerFixture {

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
  void aClientThatOpensNothingAndGivesNoSignIsGivenUp() throws Exception {
    start(
        options()
            .limits(Limits.of(new Times(PATIENCE, PATIENCE, Duration.ofMillis(200), PATIENCE))));
    var peer = client().loggedIn(KEY).withTcp("app", 23_000);
    awaitOpen(23_000);
    peer.connection().config().setAutoRead(false);

    assertThat(dial(23_000).await(30, TimeUnit.SECONDS)).isTrue();

    await().until(() -> server.status().sessions().isEmpty());
    assertThat(events.heard.toString()).contains("gave no sign of life");
    peer.close();
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
    Channel first = dial(23_000).get(30, TimeUnit.SECONDS);
    // Asked for by now: else it may be one too many, and closed.
    peer.openWork();

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
}
