// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.orders;

import static io.github.harp.core.HarpException.Code.BUSY;
import static io.github.harp.core.HarpException.Code.TIMED_OUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.github.harp.core.HarpException;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class OrderQueueTest {

  private static final OrderTimes.Limit LONG = OrderTimes.Limit.seconds(60, 60);
  private static final OrderTimes.Limit AT_ONCE =
      new OrderTimes.Limit(Duration.ZERO, Duration.ofMillis(50));

  private static final Optional<String> LANE = Optional.of("a");

  private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(1);
  private final ExecutorService workers = Executors.newFixedThreadPool(4);

  @AfterEach
  void endThreads() {
    timers.shutdownNow();
    workers.shutdownNow();
  }

  @Test
  void ordersOfALaneRunInTheOrderTheyCame() throws Exception {
    var queue = queue(Duration.ofSeconds(20));
    var done = Collections.synchronizedList(new ArrayList<Integer>());

    var orders =
        IntStream.range(0, 40)
            .mapToObj(number -> queue.submit(LANE, LONG, () -> done.add(number)))
            .toList();

    for (var order : orders) {
      get(order);
    }
    assertThat(done).isSorted().hasSize(40);
  }

  @Test
  void ordersOfALaneNeverOverlap() throws Exception {
    var queue = queue(Duration.ofSeconds(20));
    var running = new AtomicInteger();
    var overlapped = new AtomicInteger();

    var orders =
        IntStream.range(0, 60)
            .mapToObj(
                number ->
                    queue.submit(
                        LANE,
                        LONG,
                        () -> {
                          if (running.incrementAndGet() > 1) {
                            overlapped.incrementAndGet();
                          }
                          Thread.onSpinWait();
                          return running.decrementAndGet();
                        }))
            .toList();

    for (var order : orders) {
      get(order);
    }
    assertThat(overlapped).hasValue(0);
  }

  @Test
  void aFailureDoesNotHoldUpItsLane() throws Exception {
    var queue = queue(Duration.ofSeconds(20));

    var failing =
        queue.submit(
            LANE,
            LONG,
            () -> {
              throw new IllegalStateException("no");
            });
    var next = queue.submit(LANE, LONG, () -> "next");

    assertThat(get(next)).isEqualTo("next");
    assertThat(failing.failed()).isTrue();
  }

  @Test
  void anOrderThatWaitsTooLongIsNeverBegun() throws Exception {
    var queue = queue(Duration.ofMillis(100));
    var release = new CountDownLatch(1);
    var begun = new AtomicInteger();
    var hanging =
        queue.submit(
            LANE,
            LONG,
            () -> {
              release.await();
              return "hung";
            });

    var late = queue.submit(LANE, LONG, begun::incrementAndGet);

    assertThatExceptionOfType(HarpException.class)
        .isThrownBy(() -> get(late))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(BUSY));
    release.countDown();
    assertThat(get(hanging)).isEqualTo("hung");
    assertThat(get(queue.submit(LANE, LONG, () -> "fine again"))).isEqualTo("fine again");
    assertThat(begun).hasValue(0);
  }

  @Test
  void anInterruptReachesTheOrderAndNotTheNextOne() throws Exception {
    var queue = queue(Duration.ofSeconds(20));
    var started = new CountDownLatch(1);
    var interrupted =
        queue.submit(
            LANE,
            LONG,
            () -> {
              started.countDown();
              return new CountDownLatch(1).await(30, TimeUnit.SECONDS);
            });
    var next = queue.submit(LANE, LONG, () -> Thread.currentThread().isInterrupted());
    started.await();

    queue.interrupt();

    assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> get(interrupted));
    assertThat(get(next)).isFalse();
    assertThat(queue.awaitEnd(TimeUnit.SECONDS.toNanos(30))).isTrue();
  }

  @Test
  void anOrderThatTakesTooLongIsInterruptedAndItsCallerTold() {
    var queue = queue(Duration.ofSeconds(20));
    var interrupted = new CountDownLatch(1);

    var order =
        queue.submit(
            LANE,
            AT_ONCE,
            () -> {
              try {
                return new CountDownLatch(1).await(30, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
              }
            });

    assertFails(order, TIMED_OUT, "engine 24000: the order did not end within");
    assertThatNoException().isThrownBy(interrupted::await);
  }

  @Test
  void aLaneIsNotFreeBeforeItsOrderHasEndedWhateverItsCallerWasTold() throws Exception {
    var queue = queue(Duration.ofSeconds(20));
    var release = new CountDownLatch(1);
    var ended = new AtomicBoolean();
    var stubborn =
        queue.submit(
            LANE,
            AT_ONCE,
            () -> {
              awaitUninterruptibly(release);
              ended.set(true);
              return "late";
            });
    assertFails(stubborn, TIMED_OUT, "was interrupted");

    var next = queue.submit(LANE, LONG, ended::get);
    assertThat(get(queue.submit(Optional.of("b"), LONG, () -> "other"))).isEqualTo("other");
    assertThat(next.isComplete()).isFalse();
    release.countDown();

    assertThat(get(next)).as("ended before the next began").isTrue();
  }

  @Test
  void moreOrdersThanThereArePlacesForAreRefused() throws Exception {
    var queue = queue(Duration.ofSeconds(20));
    var release = new CountDownLatch(1);
    var orders =
        IntStream.range(0, 64)
            .mapToObj(number -> queue.submit(LANE, LONG, () -> awaitUninterruptibly(release)))
            .toList();

    assertFails(queue.submit(Optional.empty(), LONG, () -> "one too many"), BUSY, "64 orders");

    release.countDown();
    for (var order : orders) {
      get(order);
    }
    assertThat(get(queue.submit(LANE, LONG, () -> "room again"))).isEqualTo("room again");
  }

  @Test
  void anOrderThatNobodyWaitsForIsCarriedOut() throws Exception {
    var queue = queue(Duration.ofSeconds(20));
    var done = new AtomicInteger();

    IntStream.range(0, 10).forEach(number -> queue.submit(LANE, LONG, done::incrementAndGet));

    assertThat(get(queue.submit(LANE, LONG, done::get))).isEqualTo(10);
  }

  private static boolean awaitUninterruptibly(CountDownLatch latch) {
    while (true) {
      try {
        return latch.await(60, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        // Not this one.
      }
    }
  }

  private static void assertFails(Future<?> order, HarpException.Code code, String words) {
    assertThatExceptionOfType(HarpException.class)
        .isThrownBy(() -> get(order))
        .withMessageContaining(words)
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
  }

  private OrderQueue queue(Duration turn) {
    return new OrderQueue("engine 24000", times(turn), workers, timers);
  }

  private static OrderTimes times(Duration turn) {
    return new OrderTimes(
        LONG, LONG, LONG, LONG, LONG, LONG, LONG, Duration.ZERO, turn, Duration.ZERO);
  }

  private static <T> T get(Future<T> order) throws Exception {
    return order.await(30, TimeUnit.SECONDS);
  }
}
