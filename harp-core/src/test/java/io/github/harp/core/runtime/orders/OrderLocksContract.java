// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.orders;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What whoever keeps orders of several nodes apart promises. */
public abstract class OrderLocksContract {

  protected static final String APP = "engine 24000 nc_app_demo_data";
  private static final String OTHER = "engine 24000 nc_app_other_data";
  protected static final Runnable KEPT = () -> {};

  private final ExecutorService workers = Executors.newCachedThreadPool();

  /** Those of one node. */
  protected abstract OrderLocks locks();

  /** Those of another. */
  protected abstract OrderLocks locksOfAnother();

  @AfterEach
  void letGo() {
    workers.shutdownNow();
  }

  private Future<OrderLocks.Held> wanted(OrderLocks locks) {
    return workers.submit(() -> locks.lock(APP, KEPT));
  }

  @Test
  void neverTwoHaveIt() throws Exception {
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    var orders = new ArrayList<Future<?>>();
    for (var i = 0; i < 6; i++) {
      var locks = i % 2 == 0 ? locks() : locksOfAnother();
      orders.add(
          workers.submit(
              () -> {
                try (var held = locks.lock(APP, KEPT)) {
                  most.accumulateAndGet(running.incrementAndGet(), Math::max);
                  // So long that whoever may have it as well does.
                  Thread.sleep(20);
                  running.decrementAndGet();
                }
                return true;
              }));
    }
    for (var order : orders) {
      order.get(60, TimeUnit.SECONDS);
    }

    assertThat(most).hasValue(1);
  }

  @Test
  void whoWaitsGetsItOnceItIsGivenBackWhichIsNoLoss() throws Exception {
    var lost = new AtomicBoolean();
    var givenBack = new AtomicBoolean();
    var begun = new CountDownLatch(1);
    var another = locksOfAnother();
    var held = locks().lock(APP, () -> lost.set(true));
    var waiting =
        workers.submit(
            () -> {
              begun.countDown();
              try (var got = another.lock(APP, KEPT)) {
                return givenBack.get();
              }
            });
    begun.await();
    // When the same node has these it has been told whether it may have that one.
    for (var i = 0; i < 3; i++) {
      another.lock(OTHER, KEPT).close();
    }
    assertThat(waiting.isDone()).isFalse();

    givenBack.set(true);
    held.close();

    assertThat(waiting.get(60, TimeUnit.SECONDS)).isTrue();
    assertThat(lost).isFalse();
  }

  @Test
  void otherExAppsDoNotWait() throws Exception {
    try (var held = locks().lock(APP, KEPT);
        var other = locksOfAnother().lock(OTHER, KEPT)) {
      assertThat(other).isNotSameAs(held);
    }
  }

  @Test
  void whoNoLongerWaitsIsNotGivenIt() throws Exception {
    var held = locks().lock(APP, KEPT);
    var waiting = wanted(locksOfAnother());
    waiting.cancel(true);
    held.close();

    locks().lock(APP, KEPT).close();
  }

  @Test
  void theWaitHasAnEnd() {
    assertThat(locks().patience()).isBetween(Duration.ofSeconds(1), Duration.ofMinutes(5));
  }
}
