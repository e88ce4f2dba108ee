// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.core.upstream.Upstream;
import io.github.harp.proxy.HarpProxyOptions.Limits.Retries;
import io.github.harp.proxy.HarpProxyOptions.Timeouts;
import io.github.harp.proxy.budget.ClientBudget;
import io.github.harp.proxy.loop.FatalErrors;
import io.github.harp.proxy.loop.LoopResources;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.NetUtil;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Connections that are being made when their requests go. */
class UpstreamPoolTest {

  private static final InetAddress CROWD =
      NetUtil.createInetAddressFromIpAddressString("192.0.2.1");
  private static final InetAddress OTHER =
      NetUtil.createInetAddressFromIpAddressString("192.0.2.2");

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final List<Promise<Channel>> dialled = new ArrayList<>();
  private final List<Future<Channel>> found = new ArrayList<>();
  private final UpstreamPool pool =
      new UpstreamPool(
          new LoopResources(
              channel.eventLoop(),
              new Timeouts(),
              ClientBudget.ofThisProcess(),
              new FatalErrors(error -> {})),
          new Retries());
  private final Upstream upstream =
      loop -> {
        Promise<Channel> promise = Promise.promise();
        dialled.add(promise);
        return promise.future();
      };

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private void connected(int index) {
    dialled.get(index).complete(channel);
    channel.runPendingTasks();
  }

  @Test
  @DisplayName("S1: requests that come and go make one connection, not one each")
  void takenOver() {
    for (int i = 0; i < 100; i++) {
      pool.connect(upstream, CROWD, found::add).leave();
    }
    pool.connect(upstream, CROWD, found::add);
    assertThat(dialled).hasSize(1);
    connected(0);
    assertThat(found).hasSize(1);
    assertThat(found.get(0).result()).isSameAs(channel);
  }

  @Test
  @DisplayName("S1: one that nobody takes over waits for the next request")
  void waits() {
    pool.connect(upstream, CROWD, found::add).leave();
    connected(0);
    assertThat(found).isEmpty();
    assertThat(pool.take(upstream, UpstreamPool.FRESH)).isNotNull();
    pool.connect(upstream, CROWD, found::add);
    assertThat(dialled).as("the one before is not being made any more").hasSize(2);
  }

  @Test
  @DisplayName("S1: one that fails is nobody's business, and no second one is taken from it")
  void fails() {
    pool.connect(upstream, CROWD, found::add).leave();
    dialled.get(0).fail("refused");
    channel.runPendingTasks();
    pool.connect(upstream, CROWD, found::add);
    assertThat(dialled).hasSize(2);
    assertThat(found).isEmpty();
  }

  @Test
  void toWhatIsNotThePlaceAnyMoreNoConnectionIsKept() {
    var place = new Place();
    release(place);
    assertThat(channel.isOpen()).isTrue();

    place.isCurrent = false;
    pool.check(System.nanoTime());

    assertThat(channel.isOpen()).isFalse();
    assertThat(pool.take(place, UpstreamPool.FRESH)).isNull();
  }

  @Test
  void oneThatIsInUseWhenItMovesIsClosedWhenItIsNot() {
    var place = new Place();
    place.isCurrent = false;

    release(place);

    assertThat(channel.isOpen()).isFalse();
  }

  private void release(Upstream place) {
    UpstreamConnection.over(place, channel, pool).release();
  }

  private static final class Place implements Upstream {
    private boolean isCurrent = true;

    @Override
    public Future<Channel> connect(EventLoop loop) {
      return Future.failedFuture("not dialled here");
    }

    @Override
    public boolean isCurrent() {
      return isCurrent;
    }
  }

  @Test
  void whoWaitsKeepsTheirs() {
    pool.connect(upstream, CROWD, found::add);
    pool.connect(upstream, CROWD, found::add);
    assertThat(dialled).hasSize(2);
  }

  @Test
  @DisplayName("S1: a thousand requests of one client keep another waiting for one of them")
  void byTurns() {
    for (int i = 0; i < 1_000; i++) {
      pool.connect(upstream, CROWD, found::add);
    }
    var served = new ArrayList<Integer>();
    for (int i = 0; i < 2; i++) {
      pool.connect(upstream, OTHER, connected -> served.add(found.size()));
    }

    for (int i = 0; i < 4; i++) {
      connected(i);
    }

    assertThat(served).containsExactly(1, 2);
    assertThat(found).hasSize(2);
  }

  @Test
  @DisplayName("S1: not more connections are made at a time than a server can be expected to take")
  void atOnce() {
    for (int i = 0; i < 1_000; i++) {
      pool.connect(upstream, CROWD, found::add);
    }
    assertThat(dialled).hasSize(ConnectionQueue.AT_ONCE);

    for (int i = 0; i < dialled.size(); i++) {
      connected(i);
    }

    assertThat(found).as("each that is made is followed by another").hasSize(1_000);
    assertThat(dialled).hasSize(1_000);
  }

  @Test
  void whoHasWaitedLongestIsToldThatOneCouldNotBeMade() {
    pool.connect(upstream, CROWD, found::add);
    pool.connect(upstream, OTHER, connected -> {});

    dialled.get(1).fail("refused");
    channel.runPendingTasks();

    assertThat(found).singleElement().matches(Future::failed);
  }

  @Test
  void allAreToldWhatFailsAtOnce() {
    Upstream nowhere = loop -> Future.failedFuture("nowhere");

    for (int i = 0; i < 1_000; i++) {
      pool.connect(nowhere, CROWD, found::add);
    }

    assertThat(found).hasSize(1_000).allMatch(Future::failed);
  }

  @Test
  void oneThatBreaksKeepsNobodyElseFromBeingServed() {
    Upstream nowhere = loop -> Future.failedFuture("nowhere");
    assertThatThrownBy(
            () ->
                pool.connect(
                    nowhere,
                    CROWD,
                    told -> {
                      throw new IllegalStateException("a defect");
                    }))
        .hasMessage("a defect");

    pool.connect(nowhere, OTHER, found::add);

    assertThat(found).singleElement().matches(Future::failed);
  }

  @Test
  void whatTakesTooLongIsNotCountedOnAndStillServesWhoComesLater() {
    pool.connect(upstream, CROWD, found::add).despair();
    pool.connect(upstream, CROWD, found::add);
    assertThat(dialled).as("a try of its own").hasSize(2);

    dialled.get(0).fail("timed out");
    channel.runPendingTasks();
    assertThat(found).isEmpty();

    connected(1);
    assertThat(found).singleElement().matches(Future::succeeded);
  }

  @Test
  void whoeverIsLeftWhenAnotherDespairsIsDialledFor() {
    for (int i = 0; i < ConnectionQueue.AT_ONCE; i++) {
      pool.connect(upstream, OTHER, connected -> {});
    }
    pool.connect(upstream, CROWD, found::add);

    pool.connect(upstream, OTHER, connected -> {}).despair();

    assertThat(dialled).hasSize(ConnectionQueue.AT_ONCE + 1);
  }
}
