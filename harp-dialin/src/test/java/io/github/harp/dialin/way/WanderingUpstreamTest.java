// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.way;

import static io.github.harp.core.testing.Wait.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelServer;
import io.netty.channel.DefaultEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is awaited is looked for again later; each time that is planned it is counted here. */
class WanderingUpstreamTest {

  private static final int PORT = 23_000;

  private static final class CountingLoop extends DefaultEventLoop {
    private final AtomicInteger planned = new AtomicInteger();

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
      planned.incrementAndGet();
      return super.schedule(task, delay, unit);
    }
  }

  private final TunnelRegister tunnels = RegisteredTunnels.register();
  private final CountingLoop loop = new CountingLoop();
  private final TunnelServer server;
  private final WanderingUpstream upstream;

  WanderingUpstreamTest() throws TunnelException {
    server = RegisteredTunnels.unreached();
    upstream =
        new WanderingUpstream(
            RegisteredTunnels.ways(server, tunnels), PORT, Optional.empty(), tunnels.at(PORT));
  }

  @AfterEach
  void close() {
    server.close();
    loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }

  @Test
  void oneThatNeverWasThereIsNotAwaited() {
    assertThatThrownBy(() -> resultOf(upstream.connect(loop)))
        .cause()
        .hasMessageContaining("tunnel:" + PORT);

    assertThat(loop.planned).hasValue(0);
  }

  @Test
  void oneThatWasThereAMomentAgoIs() {
    tunnels.opened(1, PORT, TunnelHolder.OF_KEY);
    tunnels.closed(1, PORT);

    var connecting = upstream.connect(loop);

    await().until(() -> loop.planned.get() > 1);
    assertThat(connecting.isComplete()).isFalse();
  }
}
