// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.orders;

import static io.github.harp.core.HarpException.Code.BUSY;
import static io.github.harp.core.HarpException.Code.FAILED;
import static io.github.harp.core.HarpException.Code.TIMED_OUT;
import static io.github.harp.core.HarpException.Code.UNAVAILABLE;
import static io.github.harp.core.HarpException.Code.UNREACHABLE;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AppId;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.EngineRuntimeContract;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.Exposure;
import io.github.harp.core.runtime.InMemoryExAppRuntime;
import io.github.harp.core.runtime.OrderUnderWay;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.orders.OrderRecord.Kind;
import io.vertx.core.Future;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The desk in front of a host: the contract of runtimes, and what a host may rely on. */
@Timeout(120)
class OrderDeskTest extends EngineRuntimeContract {

  private final InMemoryExAppRuntime remembered =
      new InMemoryExAppRuntime().withImage("runs:1", false).withImage("ends:1", true);

  private final ExecutorService workers = Executors.newFixedThreadPool(8);
  private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(1);
  private final List<OrderRecord> finished = new CopyOnWriteArrayList<>();
  private ExAppHost host = new InMemoryHost(remembered);

  private final OrderDesk desk = desk((limit, held) -> host, new OrderTimes());

  private OrderDesk desk(ExAppHost.Source hosts, OrderTimes times) {
    return desk(hosts, times, OrderLocks.NONE);
  }

  private OrderDesk desk(ExAppHost.Source hosts, OrderTimes times, OrderLocks locks) {
    return new OrderDesk(
        Place.CLUSTER, hosts, times, finished::add, locks, workers, timers, Ticker.systemTicker());
  }

  /** Notes what is locked and given back, and keeps what it is to do when a lock is lost. */
  private static final class Locks implements OrderLocks {
    private final List<String> told = new CopyOnWriteArrayList<>();
    private volatile Runnable lost = () -> {};

    @Override
    public Duration patience() {
      return Duration.ofSeconds(60);
    }

    @Override
    public Held lock(String what, Runnable whenLost) {
      told.add("lock " + what);
      lost = whenLost;
      return new Held() {
        @Override
        public void requireHeld() {
          told.add("ask " + what);
        }

        @Override
        public void close() {
          told.add("free " + what);
        }
      };
    }
  }

  @Test
  void whatChangesAnExAppKeepsOtherNodesOffAndWhatLooksDoesNot() throws Exception {
    var locks = new Locks();
    var other =
        desk(
            (limit, held) -> {
              held.requireHeld();
              return host;
            },
            new OrderTimes(),
            locks);
    var name = new ExAppName(new AppId("demo"), "", "role", ExAppName.PREFIX);

    get(other.find(name));
    assertThat(locks.told).isEmpty();
    assertFails(other.start(name), HarpException.Code.NOT_FOUND);

    assertThat(locks.told)
        .containsExactly(
            "lock cluster nc_app_demo_data",
            "ask cluster nc_app_demo_data",
            "free cluster nc_app_demo_data");
    OrderDesk.close(List.of(other), Duration.ofSeconds(10));
  }

  @Test
  void anOrderThatGetsNoLockIsNeverBegun() {
    var locks =
        new OrderLocks() {
          @Override
          public Duration patience() {
            return Duration.ZERO;
          }

          @Override
          public Held lock(String what, Runnable lost) {
            throw new HarpException(UNAVAILABLE, what + ": Redis does not answer");
          }
        };
    var other =
        desk(
            (limit, held) -> {
              throw new AssertionError("opened, expected no host for it");
            },
            new OrderTimes(),
            locks);

    assertFails(other.stop(new ExAppName(new AppId("demo"))), UNAVAILABLE);
    OrderDesk.close(List.of(other), Duration.ofSeconds(10));
  }

  @Test
  void anOrderThatLosesItsLockIsInterruptedAndSaysWhy() {
    var locks = new Locks();
    var running = new CountDownLatch(1);
    host =
        instead(
            "stop",
            () -> {
              running.countDown();
              return new CountDownLatch(1).await(60, SECONDS);
            });
    var other = desk((limit, held) -> host, new OrderTimes(), locks);
    var order = other.stop(new ExAppName(new AppId("demo")));
    await().until(() -> running.getCount() == 0);

    locks.lost.run();

    assertFails(order, UNAVAILABLE);
    assertThat(order.cause()).hasMessageContaining("other nodes could no longer be kept off");
    OrderDesk.close(List.of(other), Duration.ofSeconds(10));
  }

  @Override
  protected ExAppRuntime runtime() {
    return desk;
  }

  @Override
  protected String image() {
    return "runs:1";
  }

  @Override
  protected String endingImage() {
    return "ends:1";
  }

  @Override
  protected boolean hasData(ExAppName name) {
    return remembered.hasVolume(name);
  }

  @Override
  protected void afterEverything() {
    OrderDesk.close(List.of(desk), Duration.ofSeconds(10));
    workers.shutdownNow();
    timers.shutdownNow();
  }

  @Test
  void ordersForAllRolesOfAnExAppNeverInterleave() throws Exception {
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    host =
        instead(
            "stop",
            () -> {
              most.accumulateAndGet(running.incrementAndGet(), Math::max);
              Thread.onSpinWait();
              running.decrementAndGet();
              return false;
            });
    var orders = new ArrayList<Future<Boolean>>();

    for (var number = 0; number < 60; number++) {
      orders.add(
          desk.stop(new ExAppName(new AppId("demo"), "", "role" + number % 3, ExAppName.PREFIX)));
    }

    for (var order : orders) {
      get(order);
    }
    assertThat(most).hasValue(1);
  }

  @Test
  void ordersForOtherExAppsDoNotWait() throws Exception {
    var release = new CountDownLatch(1);
    host = instead("stop", () -> release.await(60, SECONDS));
    var hanging = desk.stop(new ExAppName(new AppId("demo")));

    assertThat(get(desk.find(new ExAppName(new AppId("demo"))))).isEmpty();
    assertThat(get(desk.find(new ExAppName(new AppId("other"))))).isEmpty();

    assertThat(hanging.isComplete()).isFalse();
    release.countDown();
    get(hanging);
  }

  @Test
  void anOrderThatDoesNotEndIsATimeoutForItsCaller() {
    var quick = new OrderTimes.Limit(Duration.ofMillis(10), Duration.ofMillis(20));
    var impatient =
        desk(
            (limit, held) -> instead("stop", () -> new CountDownLatch(1).await(60, SECONDS)),
            new OrderTimes(
                quick,
                quick,
                quick,
                quick,
                quick,
                quick,
                quick,
                Duration.ZERO,
                Duration.ofSeconds(60),
                Duration.ofMillis(10)));

    assertFails(impatient.stop(new ExAppName(new AppId("demo"))), TIMED_OUT);
    await().until(() -> finished.size() == 1);
    assertThat(finished.get(0).failure()).contains(TIMED_OUT);
  }

  @Test
  void aFullDeskIsBusy() throws Exception {
    var release = new CountDownLatch(1);
    host = instead("stop", () -> release.await(60, SECONDS));
    var orders = new ArrayList<Future<Boolean>>();
    for (var number = 0; number < 64; number++) {
      orders.add(desk.stop(new ExAppName(new AppId("demo"))));
    }

    assertFails(desk.find(new ExAppName(new AppId("demo"))), BUSY);

    release.countDown();
    for (var order : orders) {
      get(order);
    }
  }

  @Test
  void aHostThatIsNotThereFailsTheOrder() {
    var nowhere =
        desk(
            (limit, held) -> {
              throw new HarpException(UNREACHABLE, "nothing here");
            },
            new OrderTimes());

    assertFails(nowhere.find(new ExAppName(new AppId("demo"))), UNREACHABLE);
  }

  @Test
  void aHostThatBreaksIsAFailureWithPlaceAndOrder() {
    host =
        instead(
            "stop",
            () -> {
              throw new IllegalStateException("broken");
            });

    assertFails(desk.stop(new ExAppName(new AppId("demo"))), FAILED);
    assertThatThrownBy(() -> get(desk.stop(new ExAppName(new AppId("demo")))))
        .hasMessage("cluster, stop nc_app_demo: broken");
  }

  @Test
  void onlyAClusterExposes() throws Exception {
    assertFails(desk.expose(EXPOSURE), UNAVAILABLE);

    host = instead("expose", () -> new ExAppAddress("10.9.8.7", 30080));

    assertThat(get(desk.expose(EXPOSURE))).isEqualTo(new ExAppAddress("10.9.8.7", 30080));
  }

  private static final Exposure EXPOSURE =
      new Exposure(
          new ExAppName(new AppId("demo")),
          Exposure.Type.NODEPORT,
          23000,
          Optional.empty(),
          OptionalInt.empty(),
          new Exposure.Service(
              OptionalInt.empty(),
              OptionalInt.empty(),
              Optional.empty(),
              Optional.empty(),
              Map.of(),
              Map.of()),
          new Exposure.Node("InternalIP", Optional.empty(), Optional.empty()),
          Duration.ofSeconds(60),
          Duration.ofSeconds(1));

  @Test
  void eachOrderIsToldOfOnceWithHowItEnded() throws Exception {
    get(desk.find(new ExAppName(new AppId("demo"))));
    assertFails(desk.start(new ExAppName(new AppId("demo"))), HarpException.Code.NOT_FOUND);

    await().until(() -> finished.size() == 2);
    assertThat(finished)
        .extracting(OrderRecord::place, OrderRecord::kind, OrderRecord::failure)
        .containsExactly(
            tuple(Place.CLUSTER, Kind.FIND, Optional.empty()),
            tuple(Place.CLUSTER, Kind.START, Optional.of(HarpException.Code.NOT_FOUND)));
  }

  @Test
  void saysWhatIsUnderWayAndForHowLong() throws Exception {
    var running = new CountDownLatch(1);
    var mayEnd = new CountDownLatch(1);
    host =
        instead(
            "stop",
            () -> {
              running.countDown();
              return mayEnd.await(60, SECONDS);
            });
    var stop = desk.stop(new ExAppName(new AppId("demo")));
    var start = desk.start(new ExAppName(new AppId("demo")));
    running.await();

    assertThat(desk.underWay())
        .extracting(OrderUnderWay::what)
        .containsExactly("stop nc_app_demo", "start nc_app_demo");
    assertThat(desk.underWay())
        .allSatisfy(
            it -> {
              assertThat(it.place()).isEqualTo(Place.CLUSTER);
              assertThat(it.since()).isBetween(Duration.ZERO, Duration.ofMinutes(2));
            });

    mayEnd.countDown();
    get(stop);
    assertFails(start, HarpException.Code.NOT_FOUND);
    await().untilAsserted(() -> assertThat(desk.underWay()).isEmpty());
  }

  @Test
  void aDeskThatClosesRefusesWhatWaitsAndInterruptsWhatRuns() {
    var running = new CountDownLatch(1);
    host =
        instead(
            "stop",
            () -> {
              running.countDown();
              return new CountDownLatch(1).await(60, SECONDS);
            });
    var other = desk((limit, held) -> host, new OrderTimes());
    var first = other.stop(new ExAppName(new AppId("demo")));
    var second = other.stop(new ExAppName(new AppId("demo")));
    await().until(() -> running.getCount() == 0);

    OrderDesk.close(List.of(other), Duration.ZERO);

    assertFails(first, UNAVAILABLE);
    assertFails(second, UNAVAILABLE);
    assertFails(other.find(new ExAppName(new AppId("demo"))), UNAVAILABLE);
  }

  private interface Work {
    Object run() throws Exception;
  }

  /** A host with one method that does something else. */
  private ExAppHost instead(String method, Work work) {
    var other = new InMemoryHost(remembered);
    return (ExAppHost)
        Proxy.newProxyInstance(
            ExAppHost.class.getClassLoader(),
            new Class<?>[] {ExAppHost.class},
            (proxy, called, arguments) -> {
              if (called.getName().equals(method)) {
                return work.run();
              }
              try {
                return called.invoke(other, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
