// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.loop.FatalErrors;
import io.github.harp.proxy.wire.RawConnection;
import io.github.harp.proxy.wire.TestProxy;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FrontendAcceptTest {

  private static final int CLIENTS = 100;

  private final List<Integer> openByRound = new CopyOnWriteArrayList<>();

  static Stream<IoHandlerFactory> transports() {
    return Stream.of(EpollIoHandler.newFactory(), NioIoHandler.newFactory());
  }

  @DisplayName("S1: those who have come while a loop was busy are accepted in one of its rounds")
  @ParameterizedTest
  @MethodSource("transports")
  void atOnce(IoHandlerFactory transport) throws Exception {
    var loops = new MultiThreadIoEventLoopGroup(1, transport);
    var clients = new ArrayList<RawConnection>();
    var free = new CountDownLatch(1);
    try {
      var frontend =
          new Frontend(
              HarpProxyOptions.builder().build(),
              loops,
              RequestObserver.none(),
              new FatalErrors(error -> {}),
              loop -> exchange -> {});
      var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      var address = TestProxy.await(frontend.listen(loopback));
      var loop = loops.next();
      loop.execute(() -> waitFor(free));
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(RawConnection.to(address));
      }
      note(loop, frontend);
      free.countDown();
      await().until(() -> frontend.openConnections() == CLIENTS);
      await().until(() -> openByRound.contains(CLIENTS));

      assertThat(openByRound.stream().distinct()).hasSizeLessThan(CLIENTS / 2);
    } finally {
      free.countDown();
      for (var client : clients) {
        client.close();
      }
      loops.shutdownGracefully(0, 10, TimeUnit.SECONDS);
    }
  }

  /** Scheduled tasks are looked for once a round. */
  private void note(EventExecutor loop, Frontend frontend) {
    openByRound.add(frontend.openConnections());
    if (openByRound.get(openByRound.size() - 1) < CLIENTS) {
      loop.schedule(() -> note(loop, frontend), 0, TimeUnit.NANOSECONDS);
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
