// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.HarpException;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.proxy.HarpProxyOptions.Limits.Retries;
import io.github.harp.proxy.HarpProxyOptions.Timeouts;
import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.budget.ClientBudget;
import io.github.harp.proxy.loop.FatalErrors;
import io.github.harp.proxy.loop.LoopResources;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How often somewhere is connected to that can't be. */
class UpstreamSearchTest implements UpstreamSearch.Seeker {

  private final EmbeddedChannel timer = new EmbeddedChannel();
  private final List<Failure> failures = new ArrayList<>();
  private final UpstreamPool pool =
      new UpstreamPool(
          new LoopResources(
              timer.eventLoop(),
              new Timeouts(),
              ClientBudget.ofThisProcess(),
              new FatalErrors(error -> {})),
          new Retries());

  @AfterEach
  void close() {
    timer.finishAndReleaseAll();
  }

  private static final class Place implements Upstream {
    private final Duration patience;
    private int tries;

    Place(Duration patience) {
      this.patience = patience;
    }

    @Override
    public Future<Channel> connect(EventLoop loop) {
      tries++;
      return Future.failedFuture(new HarpException(HarpException.Code.TIMED_OUT, "nobody there"));
    }

    @Override
    public Duration patience() {
      return patience;
    }
  }

  private void seek(Upstream place) {
    timer.freezeTime();
    new UpstreamSearch(() -> Future.succeededFuture(place), pool, this)
        .start(UpstreamPool.MAX_IDLE);
    for (int second = 0; second < 10; second++) {
      timer.advanceTimeBy(1, TimeUnit.SECONDS);
      timer.runScheduledPendingTasks();
    }
    assertThat(failures).containsExactly(new Failure(Kind.CONNECT_TIMEOUT, "nobody there"));
  }

  @Test
  void threeMoreTimes() {
    var place = new Place(Duration.ofHours(1));

    seek(place);

    assertThat(place.tries).isEqualTo(1 + new Retries().most());
  }

  @Test
  void notAgainWhereItHasBeenTriedForLong() {
    var place = new Place(Duration.ZERO);

    seek(place);

    assertThat(place.tries).isEqualTo(1);
  }

  @Override
  public InetAddress client() {
    return InetAddress.getLoopbackAddress();
  }

  @Override
  public void searching(String upstream) {}

  @Override
  public void found(UpstreamConnection connection) {}

  @Override
  public void unreachable(Failure why) {
    failures.add(why);
  }
}
