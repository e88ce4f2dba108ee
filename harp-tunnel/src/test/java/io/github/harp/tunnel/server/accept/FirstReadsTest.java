// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.server.TunnelServerOptions;
import io.github.harp.tunnel.stream.HeldBytes;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FirstReadsTest {

  private static final int SENT_BYTES = 256 * 1024;

  /** Opens stream 1, resets it, and announces very many bytes for it, which are dropped. */
  private static final ByteBuffer BEGIN =
      ByteBuffer.allocate(36)
          .putLong(0x0001000100000001L)
          .putInt(0)
          .putLong(0x0001000800000001L)
          .putInt(0)
          .putLong(0x0000000000000001L)
          .putInt(Integer.MAX_VALUE);

  private final MultiThreadIoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final CompletableFuture<Channel> accepted = new CompletableFuture<>();
  private final CompletableFuture<Connection> connection = new CompletableFuture<>();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicInteger mostReads = new AtomicInteger();

  @AfterEach
  void stop() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** Counts, before anybody else, what comes between two words that a read is complete. */
  private final class Counter extends ChannelInboundHandlerAdapter {

    private int reads;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      bytes.addAndGet(((io.netty.buffer.ByteBuf) msg).readableBytes());
      mostReads.accumulateAndGet(++reads, Math::max);
      ctx.fireChannelRead(msg);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      reads = 0;
      ctx.fireChannelReadComplete();
    }
  }

  private InetSocketAddress listen() throws Exception {
    var acceptor =
        new Acceptor(
            TunnelServerOptions.builder().plain(true).build(),
            HeldBytes.limitedTo(1 << 20),
            arrived -> {
              connection.complete(arrived);
              return new ChannelInboundHandlerAdapter() {
                @Override
                public boolean isSharable() {
                  return true;
                }
              };
            });
    var children =
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new Counter(), acceptor);
            accepted.complete(channel);
          }
        };
    var listener =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childHandler(children)
            .bind(InetAddress.getLoopbackAddress(), 0);
    listener.get(30, TimeUnit.SECONDS);
    return (InetSocketAddress) listener.channel().localAddress();
  }

  /** All of it waits for the event loop, which does something else meanwhile. */
  private void sendAtOnce(Socket socket) throws Exception {
    long before = bytes.get();
    var sent = new CountDownLatch(1);
    loop.execute(() -> awaitUninterrupted(sent));
    socket.getOutputStream().write(new byte[SENT_BYTES]);
    sent.countDown();
    await().until(() -> bytes.get() == before + SENT_BYTES);
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whoIsNotKnownIsReadOnceInEachTurn() throws Exception {
    var address = listen();
    try (var socket = new Socket(address.getAddress(), address.getPort())) {
      socket.getOutputStream().write(BEGIN.array());
      await().until(() -> bytes.get() == BEGIN.capacity());

      sendAtOnce(socket);
      assertThat(mostReads).hasValue(1);

      loop.submit(() -> connection.join().known(1)).get(30, TimeUnit.SECONDS);
      sendAtOnce(socket);
      assertThat(mostReads.get()).isGreaterThan(1);
      assertThat(accepted.join().isActive()).isTrue();
    }
  }
}
