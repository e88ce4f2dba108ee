// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Of a connection that is not read, and whose peer has sent all that it will and the end. */
class QuietEpollTest {

  private static final int PIECE_BYTES = 1024;
  private static final int PIECES = 50;
  private static final int ROUNDS = 20;

  private final CompletableFuture<Channel> accepted = new CompletableFuture<>();
  private EventLoopGroup loops;
  private int bytes;

  static Stream<SocketKind> kinds() {
    return SocketKindTest.kinds();
  }

  @AfterEach
  void close() throws InterruptedException {
    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void nothingMoreIsReadWhileItIsPaused(SocketKind kind) throws Exception {
    try (var peer = connect(kind)) {
      var channel = accepted.get(1, TimeUnit.MINUTES);
      peer.getOutputStream().write(new byte[PIECES * PIECE_BYTES]);
      peer.shutdownOutput();
      // The end has come when what is sent to it is answered.
      channel.writeAndFlush(Unpooled.copiedBuffer("x", StandardCharsets.US_ASCII)).sync();
      assertThat(peer.getInputStream().read()).isEqualTo('x');
      for (int i = 0; i < ROUNDS; i++) {
        assertThat(bytes()).isZero();
      }

      channel.read();
      await().until(() -> bytes() == PIECE_BYTES);

      channel.config().setAutoRead(true);
      await().until(() -> bytes() == PIECES * PIECE_BYTES);
      channel.closeFuture().get(1, TimeUnit.MINUTES);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void itIsReadOnAfterBothSidesHaveEnded(SocketKind kind) throws Exception {
    try (var peer = connect(kind)) {
      var channel = (DuplexChannel) accepted.get(1, TimeUnit.MINUTES);
      channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
      peer.getOutputStream().write(new byte[PIECES * PIECE_BYTES]);
      peer.shutdownOutput();
      channel.shutdownOutput().sync();
      assertThat(peer.getInputStream().read()).isEqualTo(-1);

      channel.config().setAutoRead(true);
      await().until(() -> bytes() == PIECES * PIECE_BYTES);
    }
  }

  private Socket connect(SocketKind kind) throws Exception {
    loops = kind.newLoops(1, "quiet");
    assertThat(SocketKind.of(loops.next())).isEqualTo(kind);
    var server =
        new ServerBootstrap()
            .group(loops)
            .channel(kind.serverChannel())
            .childOption(ChannelOption.AUTO_READ, false)
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

  private int bytes() throws Exception {
    return loops.next().submit(() -> bytes).get(1, TimeUnit.MINUTES);
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
  }
}
