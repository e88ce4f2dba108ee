// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.server.TunnelServerOptions.Loops;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ServerSocketsTest {

  private static final int CLIENTS = 100;

  private final AtomicInteger accepted = new AtomicInteger();
  private final List<Integer> acceptedByRound = new CopyOnWriteArrayList<>();

  @Test
  @DisplayName("S1: those who have come while a loop was busy are accepted in one of its rounds")
  void atOnce() throws Exception {
    var group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    var loops = new Loops(group, group, EpollServerSocketChannel.class);
    var clients = new ArrayList<Socket>();
    var free = new CountDownLatch(1);
    try {
      var counting =
          new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
              accepted.incrementAndGet();
            }
          };
      var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      var listener =
          new ServerSockets(loops, /* owned= */ false).listen(loopback, counting).sync().channel();
      var address = (InetSocketAddress) listener.localAddress();
      var loop = group.next();
      loop.execute(() -> waitFor(free));
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(new Socket(address.getAddress(), address.getPort()));
      }
      note(loop);
      free.countDown();
      await().until(() -> acceptedByRound.contains(CLIENTS));

      assertThat(acceptedByRound.stream().distinct()).hasSizeLessThan(CLIENTS / 2);
    } finally {
      free.countDown();
      for (var client : clients) {
        client.close();
      }
      group.shutdownGracefully(0, 10, TimeUnit.SECONDS);
    }
  }

  /** Scheduled tasks are looked for once a round. */
  private void note(EventExecutor loop) {
    int now = accepted.get();
    acceptedByRound.add(now);
    if (now < CLIENTS) {
      loop.schedule(() -> note(loop), 0, TimeUnit.NANOSECONDS);
    }
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
