// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.orders;

import static io.github.harp.core.HarpException.Code.UNAVAILABLE;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.notice.Excerpt;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.Exposure;
import io.github.harp.core.runtime.ImageRemoval;
import io.github.harp.core.runtime.OrderUnderWay;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.PlaceReport;
import io.github.harp.core.runtime.StartOutcome;
import io.github.harp.core.runtime.orders.OrderRecord.Kind;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the orders for one place and has them carried out by its {@link ExAppHost}.
 *
 * <p>Those that change an ExApp wait for each other, all roles of an ExApp together since they
 * share a volume; looking and waiting for a start change nothing and wait for nobody. An order that
 * has begun is finished or undone, whether or not somebody still waits for it. Orders have limits
 * ({@link OrderTimes}), and so has their number ({@link OrderQueue}).
 *
 * <p>An order that was carried out is one line in the log. One that was not is none here: its
 * failure says why, and whoever gave the order tells it.
 *
 * <p>Thread-safe, never blocks its callers. Futures complete on a thread of the workers or the
 * timers.
 */
public final class OrderDesk implements ExAppRuntime {

  private static final Logger LOG = LoggerFactory.getLogger(OrderDesk.class);
  private static final int MAX_SHOWN = 500;
  private static final Duration UNDO = Duration.ofMillis(1500);

  private final Place place;
  private final ExAppHost.Source hosts;
  private final OrderTimes times;
  private final OrderObserver observer;
  private final OrderLocks locks;
  private final Ticker ticker;
  private final OrderQueue queue;
  private final Set<Order<?>> underWay = ConcurrentHashMap.newKeySet();

  /**
   * @param locks what keeps desks of several nodes apart
   * @param workers threads that may block, of this desk alone: a hung host takes all of them. They
   *     are the number of orders that run at a time
   * @param timers must not be the workers
   */
  public OrderDesk(
      Place place,
      ExAppHost.Source hosts,
      OrderTimes times,
      OrderObserver observer,
      OrderLocks locks,
      Executor workers,
      ScheduledExecutorService timers,
      Ticker ticker) {
    this.place = place;
    this.hosts = hosts;
    this.times = times;
    this.observer = observer;
    this.locks = locks;
    this.ticker = ticker;
    this.queue = new OrderQueue(place.toString(), times, workers, timers);
  }

  @Override
  public Future<Optional<Deployed>> find(ExAppName name) {
    return new Order<Optional<Deployed>>(Kind.FIND, "find " + name.container(), times.find())
        .give(
            host -> host.find(name),
            found -> found.map(it -> "made from " + it.imageRef()).orElse("there is none"));
  }

  @Override
  public Future<Deployed> create(ExAppSpec spec) {
    return new Order<Deployed>(Kind.CREATE, "create " + spec, times.create())
        .of(spec.name())
        .give(host -> host.create(spec), created -> "created");
  }

  @Override
  public Future<Boolean> start(ExAppName name) {
    return new Order<Boolean>(Kind.START, "start " + name.container(), times.startOrStop())
        .of(name)
        .give(host -> host.start(name), changed -> changed ? "started" : "running already");
  }

  @Override
  public Future<Boolean> stop(ExAppName name) {
    return new Order<Boolean>(Kind.STOP, "stop " + name.container(), times.startOrStop())
        .of(name)
        .give(host -> host.stop(name), changed -> changed ? "stopped" : "stopped already");
  }

  @Override
  public Future<StartOutcome> awaitStart(ExAppName name) {
    return new Order<StartOutcome>(
            Kind.AWAIT_START, "wait for the start of " + name.container(), times.awaitStart())
        .give(host -> host.awaitStart(name), StartOutcome::toString);
  }

  @Override
  public Future<Void> remove(ExAppName name, boolean removeData) {
    return new Order<Boolean>(
            Kind.REMOVE,
            "remove " + name.container() + (removeData ? " and its data" : ", not its data"),
            times.remove())
        .of(name)
        .give(
            host -> {
              host.remove(name, removeData);
              return true;
            },
            done -> "removed")
        .mapEmpty();
  }

  @Override
  public Future<ImageRemoval> removeImage(String imageRef) {
    return new Order<ImageRemoval>(
            Kind.REMOVE_IMAGE, "remove image " + imageRef, times.removeImage())
        .give(host -> host.removeImage(imageRef), ImageRemoval::toString);
  }

  @Override
  public Future<Void> installCertificates(ExAppName name, CertificateInstallation installation) {
    return new Order<Boolean>(
            Kind.INSTALL_CERTIFICATES,
            "install certificates in " + name.container(),
            times.installCertificates())
        .of(name)
        .give(
            host -> {
              host.installCertificates(name, installation);
              return true;
            },
            done -> "installed")
        .mapEmpty();
  }

  /** It may take as long as the order says on top. */
  @Override
  public Future<ExAppAddress> expose(Exposure exposure) {
    var limit = times.create();
    return new Order<ExAppAddress>(
            Kind.EXPOSE,
            "expose " + exposure.name().container() + " as " + exposure.type(),
            new OrderTimes.Limit(limit.perCall(), limit.total().plus(exposure.patience())))
        .of(exposure.name())
        .give(host -> host.expose(exposure), address -> "reached at " + address);
  }

  @Override
  public Future<PlaceReport> describe() {
    return new Order<PlaceReport>(Kind.DESCRIBE, "describe", times.find())
        .give(ExAppHost::describe, PlaceReport::summary);
  }

  @Override
  public List<OrderUnderWay> underWay() {
    var now = ticker.read();
    return underWay.stream()
        .sorted(Comparator.comparingLong(order -> order.given))
        .map(it -> new OrderUnderWay(place, it.what, Duration.ofNanos(now - it.given)))
        .toList();
  }

  private interface Work<T> {
    T on(ExAppHost host) throws InterruptedException;
  }

  /** One that is being given. */
  private final class Order<T> {

    private final Kind kind;
    private final String what;
    private final OrderTimes.Limit limit;
    private final long given = ticker.read();
    private Optional<String> lane = Optional.empty();

    Order(Kind kind, String what, OrderTimes.Limit limit) {
      this.kind = kind;
      this.what = Excerpt.ofLines(what, MAX_SHOWN);
      this.limit = limit;
    }

    /** It changes this ExApp, so it waits for others that do. */
    Order<T> of(ExAppName name) {
      lane = Optional.of(name.volume());
      return this;
    }

    Future<T> give(Work<T> work, Function<T, String> outcome) {
      underWay.add(this);
      return queue
          .submit(
              lane,
              limit.plus(lane.isEmpty() ? Duration.ZERO : locks.patience()),
              observer.tracing().elsewhere(() -> inTurn(work)))
          .onComplete(ended -> tell(ended, outcome));
    }

    /** What changes an ExApp waits for other nodes, too, and stops when it can't keep them off. */
    private T inTurn(Work<T> work) {
      if (lane.isEmpty()) {
        return carryOut(work, OrderLocks.Held.UNCONTESTED);
      }
      var worker = Thread.currentThread();
      var lost = new AtomicBoolean();
      Runnable stop =
          () -> {
            lost.set(true);
            worker.interrupt();
          };
      try (var held = locks.lock(place + " " + lane.get(), stop)) {
        return carryOut(work, held);
      } catch (InterruptedException e) {
        throw interrupted(e);
      } catch (HarpException e) {
        throw lost.get()
            ? new HarpException(
                UNAVAILABLE,
                place + ", " + what + ": other nodes could no longer be kept off, so it was ended",
                e)
            : e;
      }
    }

    private T carryOut(Work<T> work, OrderLocks.Held held) {
      try (var host = hosts.open(limit, held)) {
        return carryOut(work, host);
      }
    }

    private T carryOut(Work<T> work, ExAppHost host) {
      try {
        return work.on(host);
      } catch (InterruptedException e) {
        throw interrupted(e);
      } catch (RuntimeException e) {
        throw host.translate(place + ", " + what, e);
      }
    }

    private HarpException interrupted(InterruptedException e) {
      return new HarpException(
          UNAVAILABLE, place + ", " + what + ": interrupted, since HaRP stops", e);
    }

    private void tell(AsyncResult<T> ended, Function<T, String> outcome) {
      underWay.remove(this);
      var took = Duration.ofNanos(ticker.read() - given);
      if (ended.succeeded()) {
        LOG.info(
            "{}: {}: {} in {} ms", place, what, outcome.apply(ended.result()), took.toMillis());
      }
      var failure = Optional.ofNullable(ended.cause()).map(HarpException::codeOf);
      observer.finished(new OrderRecord(place, kind, failure, took));
    }
  }

  /** Takes no more orders and refuses those that wait; those that run go on. */
  public void stopTaking() {
    queue.stop();
  }

  /**
   * Closes desks together: lets the orders that run end by themselves for {@code grace}, then makes
   * them undo what they began, which takes at most 1.5 s more. Blocks.
   */
  public static void close(Collection<OrderDesk> desks, Duration grace) {
    var closing = List.copyOf(desks);
    closing.forEach(OrderDesk::stopTaking);
    try {
      if (!awaitEnd(closing, grace)) {
        closing.forEach(desk -> desk.queue.interrupt());
        awaitEnd(closing, UNDO);
      }
    } catch (InterruptedException e) {
      closing.forEach(desk -> desk.queue.interrupt());
      Thread.currentThread().interrupt();
    }
  }

  private static boolean awaitEnd(List<OrderDesk> desks, Duration allowed)
      throws InterruptedException {
    var left = allowed.toNanos();
    for (var desk : desks) {
      var begun = desk.ticker.read();
      if (!desk.queue.awaitEnd(left)) {
        return false;
      }
      left -= desk.ticker.read() - begun;
    }
    return true;
  }
}
