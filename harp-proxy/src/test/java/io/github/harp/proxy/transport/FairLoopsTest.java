// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two sockets of one loop that answer each other for ever, and tasks that hand on to others for
 * ever: how many of these run between two looks at the sockets.
 */
class FairLoopsTest {

  private static final int LOOKS = 20;
  private static final long TASK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
  private static final long LONG_READ_NANOS = TimeUnit.MILLISECONDS.toNanos(30);

  private final FairLoops loops =
      new FairLoops(1, new DefaultThreadFactory("fair", true), NioIoHandler.newFactory());
  private final List<Integer> betweenLooks = new ArrayList<>();
  private final CountDownLatch seen = new CountDownLatch(LOOKS);
  private int tasks;

  @AfterEach
  void stop() {
    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }

  @Test
  void tasksThatNeverEndLeaveTimeForSockets() throws Exception {
    answerEachOther(0);

    // Netty's own loops run five thousand.
    assertThat(betweenLooks).allMatch(count -> count < 500);
  }

  @Test
  void tasksHaveAsMuchTimeAsSockets() throws Exception {
    answerEachOther(LONG_READ_NANOS);

    // In the least time they run 64, after which Netty looks at the clock; in this more, though a
    // thread that has to wait for a processor runs fewer.
    assertThat(betweenLooks).anyMatch(count -> count > 64);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void eachTransportHasThem(Transport transport) {
    assumeThat(transport.unavailability()).isNull();
    var vertx = (VertxInternal) transport.start();
    try {
      assertThat(vertx.nettyEventLoopGroup()).isInstanceOf(FairLoops.class);
      assertThat(vertx.acceptorEventLoopGroup()).isInstanceOf(FairLoops.class);
      assertThat(Transport.of(vertx.nettyEventLoopGroup())).isEqualTo(transport);
    } finally {
      vertx.close();
    }
  }

  private void answerEachOther(long readNanos) throws InterruptedException {
    var peer = new Peer(readNanos);
    var server =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(peer)
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
    var client =
        new Bootstrap()
            .group(loops)
            .channel(NioSocketChannel.class)
            .handler(peer)
            .connect(server.localAddress())
            .sync()
            .channel();
    loops.execute(this::task);
    loops.execute(() -> send(client));
    assertThat(seen.await(1, TimeUnit.MINUTES)).isTrue();
    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
  }

  private void task() {
    tasks++;
    spend(TASK_NANOS);
    if (!loops.isShuttingDown()) {
      loops.execute(this::task);
    }
  }

  private static void spend(long nanos) {
    var end = System.nanoTime() + nanos;
    while (System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
  }

  private static void send(Channel channel) {
    channel.writeAndFlush(Unpooled.buffer().writeByte(1));
  }

  @ChannelHandler.Sharable
  private final class Peer extends ChannelInboundHandlerAdapter {

    private final long readNanos;

    Peer(long readNanos) {
      this.readNanos = readNanos;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
      if (seen.getCount() > 0) {
        betweenLooks.add(tasks);
        seen.countDown();
      }
      tasks = 0;
      spend(readNanos);
      send(context.channel());
    }
  }
}
