// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.proxy.budget.UnsentBytes;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Of a connection that is not read, and whose peer has sent all that it will and the end. */
class QuietHangUpsTest {

  private static final int PIECE_BYTES = 1024;
  private static final int PIECES = 50;
  private static final int ROUNDS = 20;
  private static final int ANSWERS = 400;
  private static final int ANSWER_BYTES = ANSWERS * 100_000;

  private final CompletableFuture<Channel> accepted = new CompletableFuture<>();
  private final List<String> told = new ArrayList<>();
  private VertxInternal vertx;
  private EventLoop loop;
  private int bytes;

  @AfterEach
  void close() {
    if (vertx != null) {
      vertx.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  @DisplayName("S1: while it is paused nothing more of it is read, and then all up to the end")
  void paused(Transport transport) throws Exception {
    try (var peer = connect(transport)) {
      var channel = accepted.get(1, TimeUnit.MINUTES);
      peer.getOutputStream().write(new byte[PIECES * PIECE_BYTES]);
      peer.shutdownOutput();
      // The end has come when what is sent to it is answered; it is paused meanwhile.
      assertThat(inLoop(() -> bytes)).isZero();
      channel.writeAndFlush(Unpooled.copiedBuffer("x", StandardCharsets.US_ASCII)).sync();
      assertThat(peer.getInputStream().read()).isEqualTo('x');
      for (int i = 0; i < ROUNDS; i++) {
        assertThat(inLoop(() -> bytes)).isZero();
      }

      channel.read();
      await().until(() -> inLoop(() -> bytes) == PIECE_BYTES);
      for (int i = 0; i < ROUNDS; i++) {
        assertThat(inLoop(() -> bytes)).isEqualTo(PIECE_BYTES);
      }
      assertThat(inLoop(() -> List.copyOf(told))).isEmpty();

      channel.config().setAutoRead(true);
      await().until(() -> !inLoop(() -> List.copyOf(told)).isEmpty());
      assertThat(bytes).isEqualTo(PIECES * PIECE_BYTES);
      assertThat(told).containsExactly("the end");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  @DisplayName("S1: it is read on after both sides have ended while it was paused")
  void bothEnded(Transport transport) throws Exception {
    try (var peer = connect(transport)) {
      var channel = (DuplexChannel) accepted.get(1, TimeUnit.MINUTES);
      peer.getOutputStream().write(new byte[PIECES * PIECE_BYTES]);
      peer.shutdownOutput();
      channel.shutdownOutput().sync();
      assertThat(peer.getInputStream().read()).isEqualTo(-1);

      channel.config().setAutoRead(true);
      await().until(() -> inLoop(() -> bytes) == PIECES * PIECE_BYTES);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  @DisplayName("S1: who has sent the end gets an answer larger than the kernel takes at once")
  void answered(Transport transport) throws Exception {
    try (var peer = connect(transport)) {
      var channel = accepted.get(1, TimeUnit.MINUTES);
      channel.config().setAutoRead(true);
      peer.shutdownOutput();
      await().until(() -> !inLoop(() -> List.copyOf(told)).isEmpty());
      for (int i = 0; i < ANSWERS; i++) {
        channel.write(Unpooled.wrappedBuffer(new byte[ANSWER_BYTES / ANSWERS]));
      }
      channel.flush();
      // The rest waits, since nothing of it is read.
      await().until(() -> inLoop(() -> UnsentBytes.of(channel)) < ANSWER_BYTES);

      assertThat(peer.getInputStream().readNBytes(ANSWER_BYTES)).hasSize(ANSWER_BYTES);
    }
  }

  private Socket connect(Transport transport) throws Exception {
    assumeThat(transport.unavailability()).isNull();
    vertx = (VertxInternal) transport.start();
    loop = vertx.nettyEventLoopGroup().next();
    var server =
        new ServerBootstrap()
            .group(loop)
            .channel(transport.serverChannel())
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(
                ChannelOption.RCVBUF_ALLOCATOR,
                new FixedRecvByteBufAllocator(PIECE_BYTES).maxMessagesPerRead(1))
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Reader());
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
    var address = (InetSocketAddress) server.localAddress();
    return new Socket(address.getAddress(), address.getPort());
  }

  private <T> T inLoop(Callable<T> question) throws Exception {
    return loop.submit(question).get(1, TimeUnit.MINUTES);
  }

  private final class Reader extends ChannelInboundHandlerAdapter {

    @Override
    public void channelActive(ChannelHandlerContext context) {
      accepted.complete(context.channel());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var piece = (ByteBuf) message;
      bytes += piece.readableBytes();
      piece.release();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event == ChannelInputShutdownEvent.INSTANCE) {
        told.add("the end");
      }
    }
  }
}
