// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.order;

import static io.github.harp.core.HarpException.Code.BUSY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.harp.core.HarpException;
import io.github.harp.docker.testing.EventLoops;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
class OrderQueueTest {

  @RegisterExtension static final EventLoops LOOPS = new EventLoops();

  private static final Optional<String> LANE = Optional.of("a");

  @Test
  void ordersOfALaneRunInTheOrderTheyCame() throws Exception {
    var queue = queue(Duration.ofSeconds(20));
    var done = Collections.synchronizedList(new ArrayList<Integer>());

    var orders =
        IntStream.range(0, 40)
            .mapToObj(number -> queue.submit(LANE, () -> done.add(number)))
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
            () -> {
              throw new IllegalStateException("no");
            });
    var next = queue.submit(LANE, () -> "next");

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
            () -> {
              release.await();
              return "hung";
            });

    var late = queue.submit(LANE, begun::incrementAndGet);

    assertThatExceptionOfType(HarpException.class)
        .isThrownBy(() -> get(late))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(BUSY));
    release.countDown();
    assertThat(get(hanging)).isEqualTo("hung");
    assertThat(get(queue.submit(LANE, () -> "fine again"))).isEqualTo("fine again");
    assertThat(begun).hasValue(0);
  }

  @Test
  void anInterruptReachesTheOrderAndNotTheNextOne() throws Exception {
    var queue = queue(Duration.ofSeconds(20));
    var started = new CountDownLatch(1);
    var interrupted =
        queue.submit(
            LANE,
            () -> {
              started.countDown();
              return new CountDownLatch(1).await(30, TimeUnit.SECONDS);
            });
    var next = queue.submit(LANE, () -> Thread.currentThread().isInterrupted());
    started.await();

    queue.interrupt();

    assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> get(interrupted));
    assertThat(get(next)).isFalse();
    assertThat(queue.awaitEnd(TimeUnit.SECONDS.toNanos(30))).isTrue();
  }

  private static OrderQueue queue(Duration patience) {
    return new OrderQueue("engine 24000", patience, LOOPS.group());
  }

  private static <T> T get(Future<T> order) throws Exception {
    return order.await(30, TimeUnit.SECONDS);
  }
}
