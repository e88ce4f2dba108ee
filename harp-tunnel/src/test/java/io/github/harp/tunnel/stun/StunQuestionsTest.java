// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.tunnel.carrier.SocketKind;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StunQuestionsTest {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final long SECONDS = 30;
  private static final InetSocketAddress SEEN = new InetSocketAddress("198.51.100.1", 4_711);

  private EventLoopGroup loops;
  private Channel socket;
  private DatagramSocket server;

  @BeforeEach
  void start() throws Exception {
    loops = SocketKind.best().newLoops(1, "questions");
    socket =
        new Bootstrap()
            .group(loops)
            .channel(SocketKind.best().udpChannel())
            .handler(new ChannelInboundHandlerAdapter())
            .bind(LOOPBACK, 0)
            .sync()
            .channel();
    server = new DatagramSocket(0, LOOPBACK);
    server.setSoTimeout((int) TimeUnit.SECONDS.toMillis(SECONDS));
  }

  @AfterEach
  void stop() {
    server.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private CompletableFuture<List<InetSocketAddress>> ask(InetSocketAddress at) {
    return CompletableFuture.supplyAsync(() -> StunQuestions.ask(socket, at), socket.eventLoop())
        .thenCompose(asked -> asked);
  }

  private InetSocketAddress here() {
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  @Test
  void ourServerSaysTwiceHowItSeesTheSocket() throws Exception {
    try (var ours = new StunServer(new InetSocketAddress(LOOPBACK, 0), LOOPBACK)) {
      var seen = ask(ours.start().get(SECONDS, TimeUnit.SECONDS));

      assertThat(seen.get(SECONDS, TimeUnit.SECONDS))
          .containsExactly(
              (InetSocketAddress) socket.localAddress(), (InetSocketAddress) socket.localAddress());
    }
  }

  @Test
  void forgedAnswersAreIgnoredAndLostQuestionsAskedAgain() throws Exception {
    var seen = ask(here());
    var question = hear();

    try (var stranger = new DatagramSocket(0, LOOPBACK)) {
      say(stranger, answer(question, here()));
    }
    say(server, answer(new byte[20], here()));
    say(server, new byte[] {1, 1});
    assertThat(seen).isNotDone();
    var again = hear();
    assertThat(again).isEqualTo(question);
    say(server, answer(again, here()));
    say(server, answer(hear(), here()));

    assertThat(seen.get(SECONDS, TimeUnit.SECONDS)).containsExactly(SEEN, SEEN);
  }

  @Test
  void anAnswerThatSaysTooLittleIsNamed() throws Exception {
    var seen = ask(here());
    var question = hear();
    var nothing = Unpooled.buffer().writeShort(0x0101).writeShort(0);

    say(server, ByteBufUtil.getBytes(nothing.writeBytes(question, 4, 16)));

    assertThatThrownBy(() -> seen.get(SECONDS, TimeUnit.SECONDS))
        .hasMessageContaining("answers without our address");
  }

  @Test
  void nobodyMayAnswer() {
    var seen = ask(here());

    assertThatThrownBy(() -> seen.get(SECONDS, TimeUnit.SECONDS))
        .hasMessageContaining("no answer from the STUN server 127.0.0.1:")
        .hasMessageContaining("natHoleStunServer");
  }

  private static byte[] answer(byte[] question, InetSocketAddress other) {
    ByteBuf answer =
        StunMessage.answer(
            UnpooledByteBufAllocator.DEFAULT, Unpooled.wrappedBuffer(question), SEEN, other);
    return ByteBufUtil.getBytes(answer);
  }

  private byte[] hear() throws Exception {
    var packet = new DatagramPacket(new byte[2_048], 2_048);
    server.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  private void say(DatagramSocket from, byte[] bytes) throws Exception {
    from.send(new DatagramPacket(bytes, bytes.length, (InetSocketAddress) socket.localAddress()));
  }
}
