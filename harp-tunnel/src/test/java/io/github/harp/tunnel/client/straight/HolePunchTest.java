// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.straight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.carrier.SocketKind;
import io.github.harp.tunnel.frp.Message.NatHoleSid;
import io.github.harp.tunnel.frp.NatHoleDatagrams;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two peers on loopback, and strangers. */
class HolePunchTest {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final String SECRET = "sk";
  private static final String SID = "17000000000123456789abcdef";
  private static final long SECONDS = 30;

  private final NatHoleDatagrams datagrams = new NatHoleDatagrams(SECRET);
  private EventLoopGroup loops;
  private EventLoop loop;
  private DatagramSocket stranger;

  @BeforeEach
  void start() throws Exception {
    loops = SocketKind.best().newLoops(1, "punch");
    loop = loops.next();
    stranger = new DatagramSocket(0, LOOPBACK);
    stranger.setSoTimeout((int) TimeUnit.SECONDS.toMillis(SECONDS));
  }

  @AfterEach
  void stop() {
    stranger.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private ChannelFuture bind() {
    return new Bootstrap()
        .group(loop)
        .channel(SocketKind.best().udpChannel())
        .handler(new ChannelInboundHandlerAdapter())
        .bind(LOOPBACK, 0);
  }

  private Channel socket() {
    return bind().syncUninterruptibly().channel();
  }

  private static InetSocketAddress address(Channel socket) {
    return (InetSocketAddress) socket.localAddress();
  }

  private static Instructions todo(boolean sends, int sockets, InetSocketAddress... targets) {
    return new Instructions(
        SID, sends, sends ? 0 : 7, 0, 10_000, List.of(targets), List.of(), List.of(), 0, sockets);
  }

  /** It listens when this returns. */
  private CompletableFuture<Hole> punch(Channel socket, Instructions todo, String transaction) {
    var punch = new HolePunch(socket, todo, SECRET, transaction, this::bind);
    return CompletableFuture.supplyAsync(punch::start, loop).join();
  }

  private static Hole get(CompletableFuture<Hole> hole) throws Exception {
    return hole.get(SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void twoPeersFindEachOther() throws Exception {
    var one = socket();
    var other = socket();

    var receiver = punch(one, todo(false, 0, address(other)), "r");
    var sender = punch(other, todo(true, 0, address(one)), "s");

    assertThat(get(receiver)).isEqualTo(new Hole(one, address(other)));
    assertThat(get(sender)).isEqualTo(new Hole(other, address(one)));
  }

  @Test
  void aReceiverWithManySocketsIsFoundAtOneAndClosesTheOthers() throws Exception {
    var one = socket();
    var other = socket();
    // What the receiver's further sockets send leads the sender to them.
    var seen = watch(other);
    var receiver = punch(one, todo(false, 8, address(other)), "r");
    for (var from = seen.poll(SECONDS, TimeUnit.SECONDS);
        from.equals(address(one));
        from = seen.poll(SECONDS, TimeUnit.SECONDS)) {}
    assertThat(receiver).isNotDone();
    var another = seen.poll(SECONDS, TimeUnit.SECONDS);
    var sender = punch(other, todo(true, 0, another), "s");

    assertThat(get(sender).peer()).isEqualTo(another);
    assertThat(get(receiver).peer()).isEqualTo(address(other));
    assertThat(address(get(receiver).socket())).isEqualTo(another);
    await().until(() -> !one.isOpen());
  }

  @Test
  void strangersAreIgnored() throws Exception {
    var one = socket();
    var receiver = punch(one, todo(false, 0), "r");

    say(one, "not of this protocol at all".getBytes(StandardCharsets.US_ASCII));
    say(one, new byte[0]);
    say(one, new byte[1_400]);
    say(one, new NatHoleDatagrams("guess").write(new NatHoleSid("x", SID, false, "")));
    say(one, datagrams.write(new NatHoleSid("x", "another introduction", false, "")));
    say(one, datagrams.write(new NatHoleSid("x", SID, true, "")));
    assertThat(receiver).isNotDone();
    say(one, datagrams.write(new NatHoleSid("x", SID, false, "")));

    assertThat(get(receiver).peer().getPort()).isEqualTo(stranger.getLocalPort());
  }

  @Test
  void aSenderBelievesNothingButTheAnswerToItsQuestion() throws Exception {
    var one = socket();
    var sender = punch(one, todo(true, 0, address(stranger)), "s");
    var question = datagrams.read(Unpooled.wrappedBuffer(hear())).orElseThrow();
    assertThat(question.transactionId()).isEqualTo("s");

    say(one, datagrams.write(question));
    say(one, datagrams.write(new NatHoleSid("earlier", SID, true, "")));
    assertThat(sender).isNotDone();
    say(one, datagrams.write(new NatHoleSid("s", SID, true, "")));

    assertThat(get(sender).peer().getPort()).isEqualTo(stranger.getLocalPort());
  }

  @Test
  void whatIsLostIsSentAgain() throws Exception {
    punch(socket(), todo(true, 0, address(stranger)), "s");

    for (int i = 0; i < 3; i++) {
      assertThat(datagrams.read(Unpooled.wrappedBuffer(hear())))
          .hasValueSatisfying(said -> assertThat(said.response()).isFalse());
    }
  }

  @Test
  void aLostAnswerIsGivenAgainAndNobodyElsePasses() throws Exception {
    var one = socket();
    var receiver = punch(one, todo(false, 0), "r");
    say(one, datagrams.write(new NatHoleSid("x", SID, false, "")));
    get(receiver);
    hear();
    var passed = watch(one);

    try (var other = new DatagramSocket(0, LOOPBACK)) {
      var bytes = new byte[] {1, 2, 3};
      other.send(new DatagramPacket(bytes, bytes.length, address(one)));
    }
    say(one, datagrams.write(new NatHoleSid("again", SID, false, "")));
    assertThat(datagrams.read(Unpooled.wrappedBuffer(hear())))
        .contains(new NatHoleSid("again", SID, true, ""));
    say(one, new byte[] {1, 2, 3});

    assertThat(passed.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo(address(stranger));
    assertThat(passed).isEmpty();
  }

  @Test
  void thereMayBeNoWay() {
    var one = socket();
    var nowhere =
        new Instructions(SID, true, 0, 0, 1, List.of(), List.of(), List.of(LOOPBACK), 0, 0);

    assertThatThrownBy(() -> get(punch(one, nowhere, "s")))
        .hasMessageContaining("no datagram came through")
        .hasMessageContaining("127.0.0.1");
    await().until(() -> !one.isOpen());
  }

  /** Whose datagrams pass, from when this returns. */
  private BlockingQueue<InetSocketAddress> watch(Channel socket) throws Exception {
    var senders = new LinkedBlockingQueue<InetSocketAddress>();
    loop.submit(() -> socket.pipeline().addLast(new Senders(senders)))
        .get(SECONDS, TimeUnit.SECONDS);
    return senders;
  }

  private void say(Channel to, ByteBuf datagram) throws Exception {
    var bytes = new byte[datagram.readableBytes()];
    datagram.readBytes(bytes);
    say(to, bytes);
  }

  private void say(Channel to, byte[] bytes) throws Exception {
    stranger.send(new DatagramPacket(bytes, bytes.length, address(to)));
  }

  private byte[] hear() throws Exception {
    var packet = new DatagramPacket(new byte[2_048], 2_048);
    stranger.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  private static InetSocketAddress address(DatagramSocket socket) {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  private static final class Senders extends ChannelInboundHandlerAdapter {

    private final BlockingQueue<InetSocketAddress> senders;

    Senders(BlockingQueue<InetSocketAddress> senders) {
      this.senders = senders;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      senders.add(((io.netty.channel.socket.DatagramPacket) message).sender());
      ctx.fireChannelRead(message);
    }
  }
}
