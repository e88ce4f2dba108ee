// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.loop.FatalErrors;
import io.github.harp.proxy.wire.RawConnection;
import io.github.harp.proxy.wire.TestProxy;
import io.github.harp.proxy.wire.TestTimeouts;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrontendStopTest {

  private volatile int next;
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          2, (Executor) null, all -> () -> all[next], NioIoHandler.newFactory());

  private final CountDownLatch free = new CountDownLatch(1);

  @AfterEach
  void stop() {
    free.countDown();
    loops.shutdownGracefully(0, 10, TimeUnit.SECONDS);
  }

  @Test
  void aConnectionThatIsAcceptedWhileTheListenerClosesIsClosed() throws Exception {
    var frontend =
        new Frontend(
            HarpProxyOptions.builder().timeouts(TestTimeouts.client(Duration.ofMinutes(5))).build(),
            loops,
            RequestObserver.none(),
            new FatalErrors(error -> {}),
            loop -> exchange -> {});
    var address =
        TestProxy.await(
            frontend.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    next = 1;
    loops.next().execute(this::waitUntilFree);
    try (var late = RawConnection.to(address)) {
      await().until(() -> frontend.openConnections() == 1);

      var stopped = frontend.stop(Duration.ofMinutes(5));
      await().until(() -> refusesConnections(address));
      free.countDown();

      assertThat(late.readToEnd()).isEmpty();
      TestProxy.await(stopped);
    }
  }

  private static boolean refusesConnections(InetSocketAddress address) throws Exception {
    try (var another = RawConnection.to(address)) {
      return false;
    } catch (ConnectException refused) {
      return true;
    }
  }

  private void waitUntilFree() {
    try {
      free.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
