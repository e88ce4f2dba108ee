// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.frp.ClientMessage.Ping;
import io.github.harp.tunnel.frp.Message.StartWorkConn;
import io.github.harp.tunnel.frp.OpeningMessage.Login;
import io.github.harp.tunnel.frp.OpeningMessage.NewWorkConn;
import io.github.harp.tunnel.frp.ServerMessage.ReqWorkConn;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Attacks of those who have logged in, and what of them reaches users. */
@ExtendWith(StackTraces.class)
class HostileClientsTest extends UnderAttack {

  @Test
  void aPoolCountOutOfRange() throws Exception {
    for (int poolCount : new int[] {Integer.MIN_VALUE, -11, -1, Integer.MAX_VALUE}) {
      FrpPeer peer = peer();
      AtomicInteger requests = new AtomicInteger();
      peer.onRequest(ReqWorkConn.class, requests::incrementAndGet);
      assertThat(peer.login(KEY, login -> withPoolCount(login, poolCount)).error()).isEmpty();

      peer.withTcp("app", 23_000);

      assertThat(requests.get()).isLessThanOrEqualTo(5);
      peer.close();
      await().until(() -> server.status().sessions().size() == 1);
    }
  }

  @Test
  void malformedMessagesAfterLogin() throws Exception {
    FrpPeer peer = peer().loggedIn(KEY);

    peer.control().sendRaw("garbage that decrypts to garbage".getBytes(StandardCharsets.US_ASCII));

    peer.control().expectEnd();
    await().until(() -> server.status().sessions().size() == 1);
  }

  @Test
  void messagesWithoutEnd() throws Exception {
    FrpPeer peer = peer().loggedIn(KEY);

    for (int i = 0; i < 1_000; i++) {
      peer.control().send(Ping.PLAIN);
    }

    peer.control().expectEnd();
  }

  /** A client has thousands of streams, and need not end what it begins on them. */
  @Test
  void aMessageThatWouldBeMuchToKeepOnEachStream() throws Exception {
    FrpPeer peer = peer().loggedIn(KEY);
    var announced = ByteBuffer.allocate(9).put((byte) 'w').putLong(4_097).array();

    peer.openStream().sendRaw(announced).expectEnd();

    assertThat(peer.control().isOpen()).isTrue();
  }

  @Test
  void workConnectionsWithoutEnd() throws Exception {
    FrpPeer peer = peer().loggedIn(KEY);
    List<FrpPeer.Stream> opened = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      opened.add(peer.openWork());
    }

    await().until(() -> opened.stream().filter(FrpPeer.Stream::isOpen).count() <= 1);
    assertThat(server.status().sessions()).hasSize(2);
  }

  @Test
  void aParkedStreamThatIsFilled() throws Exception {
    FrpPeer peer = peer().loggedIn(KEY);
    FrpPeer.Stream work = peer.openWork();

    work.sendRaw(new byte[250_000]);

    work.expectEnd();
  }

  @Test
  void aClientThatNeverReads() throws Exception {
    FrpPeer peer = peer().loggedIn(KEY).withTcp("app", 23_000);

    FrpPeer.Stream work = peer.openWork();
    Channel user = dialled(work);
    peer.connection().config().setAutoRead(false);

    FloodingUser flooding = flood(user);

    await().until(() -> flooding.stalls.get() > 0);
    assertThat(flooding.written.get()).isLessThan(64 << 20);
    user.close();
    peer.close();
  }

  @Test
  void aThousandUsersOfAClientWhoseLineIsFull() throws Exception {
    FrpPeer peer = peer().loggedIn(KEY).withTcp("app", 23_000);
    var asked = new AtomicInteger();
    peer.onRequest(ReqWorkConn.class, asked::incrementAndGet);
    fillTheLineOf(peer);

    dialALot();
    peer.connection().config().setAutoRead(true);

    await().until(() -> asked.get() >= 1_000);
    peer.close();
  }

  @Test
  @Tag(UNREAD)
  void usersOfAClientThatNeverReads() throws Exception {
    FrpPeer peer = peer().loggedIn(KEY).withTcp("app", 23_000);
    fillTheLineOf(peer);

    dialALot();

    await("its end, before an unanswered ping would bring it")
        .atMost(SHORT_PATIENCE.multipliedBy(6))
        .until(() -> server.status().sessions().size() == 1);
    peer.close();
  }

  /** As many users as it takes until their windows are more than TCP holds. */
  private void fillTheLineOf(FrpPeer peer) throws Exception {
    await().until(() -> OpenPorts.has(server, 23_000));
    List<Channel> users = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      users.add(dialled(peer.openWork()));
    }
    peer.connection().config().setAutoRead(false);
    for (Channel user : users) {
      FloodingUser flooding = flood(user);
      await().until(() -> flooding.stalls.get() > 0);
    }
  }

  private Channel dialled(FrpPeer.Stream work) throws Exception {
    await().until(() -> OpenPorts.has(server, 23_000));
    Channel user = server.dial("", 23_000, loops.next(), anybody -> true).get(30, TimeUnit.SECONDS);
    work.expect(StartWorkConn.class);
    return user;
  }

  private static FloodingUser flood(Channel user) {
    FloodingUser flooding = new FloodingUser();
    user.pipeline().addLast(flooding);
    user.pipeline().fireChannelWritabilityChanged();
    return flooding;
  }

  private void dialALot() {
    for (int i = 0; i < 1_000; i++) {
      server.dial("", 23_000, loops.next(), anybody -> true);
    }
  }

  @Test
  void aServiceThatFillsItsWindowsWhileNobodyReads() throws Exception {
    FrpPeer peer = peer().loggedIn(KEY).withTcp("app", 23_000);
    await().until(() -> OpenPorts.has(server, 23_000));
    List<Channel> users = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Future<Channel> dialled = server.dial("", 23_000, loops.next(), anybody -> true);
      FrpPeer.Stream work = peer.openWork();
      work.expect(StartWorkConn.class);
      users.add(dialled.get(30, TimeUnit.SECONDS));
      work.channel().writeAndFlush(Unpooled.buffer().writeZero(2 << 20));
    }

    await().until(() -> server.status().heldBytes() > 0);
    assertThat(server.status().heldBytes()).isLessThanOrEqualTo(20L * 512 * 1024);
    honest.assertServed();

    users.forEach(Channel::close);
    peer.close();
  }

  @Test
  void aStolenRunIdIsOfNoUse() throws Exception {
    FrpPeer victim = peer().loggedIn(KEY).withTcp("app", 23_000);
    FrpPeer.Stream stolen = FrpPeer.withoutMux(address, loops).openStream();

    stolen.send(NewWorkConn.of(victim.runId()));

    assertThat(stolen.expect(StartWorkConn.class).error()).isNotEmpty();
    stolen.expectEnd();
  }

  @Test
  void hundredsOfSessionsComeAndGo() throws Exception {
    long before = usedMemory();
    for (int round = 0; round < 5; round++) {
      List<FrpPeer> peers = new ArrayList<>();
      for (int i = 0; i < MOST_NEW_CONNECTIONS / 2; i++) {
        FrpPeer peer = peer().loggedIn(KEY);
        peer.openWork();
        peers.add(peer);
      }
      peers.forEach(FrpPeer::close);
      await().until(() -> server.status().sessions().size() == 1);
    }

    assertThat(usedMemory() - before).isLessThan(16L << 20);
  }

  private static long usedMemory() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static Login withPoolCount(Login login, int poolCount) {
    return new Login(
        login.version(),
        login.hostname(),
        login.os(),
        login.arch(),
        login.user(),
        login.privilegeKey(),
        login.timestamp(),
        login.runId(),
        login.clientId(),
        login.metas(),
        login.clientSpec(),
        poolCount);
  }

  /** Writes as long as the channel takes it. */
  private static final class FloodingUser extends ChannelInboundHandlerAdapter {
    final AtomicInteger written = new AtomicInteger();
    final AtomicInteger stalls = new AtomicInteger();

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      while (ctx.channel().isWritable() && written.get() < 64 << 20) {
        written.addAndGet(16 * 1024);
        ctx.writeAndFlush(Unpooled.buffer().writeZero(16 * 1024));
      }
      stalls.incrementAndGet();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
