// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two sockets of one loop that answer each other for ever, beside tasks that never end. */
class SocketKindTest {

  private static final int LOOKS = 10;
  private static final long TASK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

  private final List<Integer> betweenLooks = new ArrayList<>();
  private final CountDownLatch seen = new CountDownLatch(LOOKS);
  private int tasks;

  static Stream<SocketKind> kinds() {
    return Stream.of(SocketKind.best(), SocketKind.NIO).distinct();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void tasksThatNeverEndLeaveTimeForSockets(SocketKind kind) throws Exception {
    var loops = kind.newLoops(1, "fair");
    try {
      var peer = new Peer();
      var server =
          new ServerBootstrap()
              .group(loops)
              .channel(kind.serverChannel())
              .childHandler(peer)
              .bind(InetAddress.getLoopbackAddress(), 0)
              .sync()
              .channel();
      var client =
          new Bootstrap()
              .group(loops)
              .channel(kind.tcpChannel())
              .handler(peer)
              .connect(server.localAddress())
              .sync()
              .channel();
      loops.execute(() -> task(loops));
      client.writeAndFlush(client.alloc().buffer().writeByte(1));

      assertThat(seen.await(1, TimeUnit.MINUTES)).isTrue();
      // Netty's own loops run five thousand.
      assertThat(betweenLooks).allMatch(count -> count < 500);
    } finally {
      loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
    }
  }

  private void task(EventLoopGroup loops) {
    tasks++;
    long end = System.nanoTime() + TASK_NANOS;
    while (System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
    if (!loops.isShuttingDown()) {
      loops.execute(() -> task(loops));
    }
  }

  @ChannelHandler.Sharable
  private final class Peer extends ChannelInboundHandlerAdapter {

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (seen.getCount() > 0) {
        betweenLooks.add(tasks);
        seen.countDown();
      }
      tasks = 0;
      context.writeAndFlush((ByteBuf) message);
    }
  }
}
