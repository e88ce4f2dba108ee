// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Of connections that always have more to read, and whose bytes take long to handle. */
class FairReadsTest {

  private static final int CONNECTIONS = 4;
  private static final int LOOKS = 20;
  private static final int READ_MILLIS = 1;

  /** Until tasks are due; then each connection may have one read more. */
  private static final int MOST_READS =
      (int) TimeUnit.NANOSECONDS.toMillis(FairLoops.MOST_SOCKET_NANOS) / READ_MILLIS
          + 1
          + CONNECTIONS;

  /** Datagrams that epoll and NIO take of one channel before they look at another. */
  private static final int AT_A_TIME = 16;

  private final List<Socket> senders = new ArrayList<>();
  private final List<Channel> readers = new ArrayList<>();
  private final CountDownLatch looked = new CountDownLatch(LOOKS);
  private final CountDownLatch connected = new CountDownLatch(CONNECTIONS);
  private VertxInternal vertx;
  private EventLoop loop;
  private int reads;
  private int mostReads;
  private boolean due;
  private int asked;

  @AfterEach
  void close() throws IOException {
    for (var sender : senders) {
      sender.close();
    }
    if (vertx != null) {
      vertx.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  @DisplayName("S1: tasks run between reads, however much there is to read")
  void tasksRun(Transport transport) throws Exception {
    assumeThat(transport.unavailability()).isNull();
    vertx = (VertxInternal) transport.start();
    loop = vertx.nettyEventLoopGroup().next();
    connect(transport);
    loop.execute(
        () -> {
          readers.forEach(reader -> reader.config().setAutoRead(true));
          look();
        });

    assertThat(looked.await(1, TimeUnit.MINUTES)).isTrue();
    assertThat(mostReads).isLessThanOrEqualTo(MOST_READS);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  @DisplayName("S1: tasks run between datagrams, however many there are")
  void tasksRunBetweenDatagrams(Transport transport) throws Exception {
    assumeThat(transport.unavailability()).isNull();
    vertx = (VertxInternal) transport.start();
    loop = vertx.nettyEventLoopGroup().next();
    var channel =
        new Bootstrap()
            .group(loop)
            .channel(transport.udpChannel())
            .option(ChannelOption.AUTO_READ, false)
            .handler(new SlowReader())
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
    try (var sender = new DatagramSocket()) {
      var thread = new Thread(() -> sendForEver(sender, channel.localAddress()));
      thread.setDaemon(true);
      thread.start();
      loop.execute(
          () -> {
            channel.config().setAutoRead(true);
            look();
          });

      assertThat(looked.await(1, TimeUnit.MINUTES)).isTrue();
      assertThat(mostReads).isLessThanOrEqualTo(Math.max(MOST_READS, 2 * AT_A_TIME));
    }
  }

  private static void sendForEver(DatagramSocket sender, SocketAddress to) {
    try {
      while (true) {
        sender.send(new DatagramPacket(new byte[100], 100, to));
      }
    } catch (IOException ended) {
      // By the test.
    }
  }

  @Test
  @DisplayName("S1: a read waits for tasks when they are due, and only then")
  void waits() {
    var channel = countingReads();
    channel.pipeline().read();
    assertThat(asked).isOne();

    due = true;
    channel.pipeline().read();
    assertThat(asked).isOne();
    channel.runPendingTasks();
    assertThat(asked).isEqualTo(2);
  }

  @Test
  @DisplayName("S1: one that waits is not begun when a task pauses the connection meanwhile")
  void pausedMeanwhile() {
    var channel = countingReads();
    due = true;
    channel.pipeline().read();
    channel.config().setAutoRead(false);
    channel.runPendingTasks();
    assertThat(asked).isZero();

    channel.pipeline().read();
    channel.runPendingTasks();
    assertThat(asked).as("asked for while it is paused").isOne();
  }

  private EmbeddedChannel countingReads() {
    var counts =
        new ChannelOutboundHandlerAdapter() {
          @Override
          public void read(ChannelHandlerContext context) {
            asked++;
          }
        };
    var channel = new EmbeddedChannel(counts, new FairReads(any -> due));
    asked = 0;
    return channel;
  }

  private void connect(Transport transport) throws Exception {
    var server =
        new ServerBootstrap()
            .group(vertx.acceptorEventLoopGroup(), loop)
            .channel(transport.serverChannel())
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(1024));
                    channel.pipeline().addLast(new SlowReader());
                    readers.add(channel);
                    connected.countDown();
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
    var address = (InetSocketAddress) server.localAddress();
    for (int i = 0; i < CONNECTIONS; i++) {
      var sender = new Socket(address.getAddress(), address.getPort());
      senders.add(sender);
      var thread = new Thread(() -> sendForEver(sender));
      thread.setDaemon(true);
      thread.start();
    }
    connected.await();
  }

  private static void sendForEver(Socket sender) {
    try {
      while (true) {
        sender.getOutputStream().write(new byte[64 * 1024]);
      }
    } catch (IOException ended) {
      // By the test.
    }
  }

  private void look() {
    mostReads = Math.max(mostReads, reads);
    reads = 0;
    if (mostReads > 0) {
      looked.countDown();
    }
    if (looked.getCount() > 0) {
      // Due at once, it is still run only once the sockets have been looked at.
      loop.schedule(this::look, 1, TimeUnit.NANOSECONDS);
    }
  }

  private final class SlowReader extends ChannelInboundHandlerAdapter {

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
      reads++;
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(READ_MILLIS);
      while (System.nanoTime() - end < 0) {
        Thread.onSpinWait();
      }
    }
  }
}
