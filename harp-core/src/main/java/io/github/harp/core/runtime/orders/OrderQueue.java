// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.orders;

import static io.github.harp.core.HarpException.Code.BUSY;
import static io.github.harp.core.HarpException.Code.TIMED_OUT;
import static io.github.harp.core.HarpException.Code.UNAVAILABLE;

import io.github.harp.core.HarpException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The orders of one place: those of one lane one after the other in the order they came in, more
 * than {@value #PLACES} refused with {@code BUSY}. One that has to wait for too long is refused and
 * never begun. One that takes too long is interrupted and its caller told, but its lane is not free
 * before it has ended.
 *
 * <p>Thread-safe; {@link #submit} never blocks.
 */
final class OrderQueue {

  private static final int PLACES = 64;

  private final String name;
  private final OrderTimes times;
  private final Executor workers;
  private final ScheduledExecutorService timers;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Set<Order<?>> orders = new HashSet<>();
  private final Map<String, ArrayDeque<Order<?>>> waitingByLane = new HashMap<>();
  private boolean stopped;

  /**
   * @param name for messages, {@code engine 24000}
   */
  OrderQueue(String name, OrderTimes times, Executor workers, ScheduledExecutorService timers) {
    this.name = name;
    this.times = times;
    this.workers = workers;
    this.timers = timers;
  }

  /**
   * Runs {@code work} on a thread that may block.
   *
   * @param lane orders of the same lane never overlap; empty for one that may run beside any other
   * @param limit how long it may take; a little more is granted for undoing what it began
   */
  <T> Future<T> submit(Optional<String> lane, OrderTimes.Limit limit, Callable<T> work) {
    var order = new Order<>(lane, limit.total().plus(times.undo()), work);
    lock.lock();
    try {
      if (stopped) {
        return Future.failedFuture(stopping());
      }
      if (orders.size() >= PLACES) {
        return Future.failedFuture(tooMany());
      }
      orders.add(order);
      var waiting = lane.map(waitingByLane::get).orElse(null);
      if (waiting != null) {
        waiting.add(order);
      } else {
        lane.ifPresent(own -> waitingByLane.put(own, new ArrayDeque<>()));
        workers.execute(order);
      }
    } finally {
      lock.unlock();
    }
    order.after(times.turn(), () -> order.refuse(waitedTooLong()));
    return order.promise.future();
  }

  private void finished(Order<?> order) {
    lock.lock();
    try {
      orders.remove(order);
      order.lane.ifPresent(this::runNext);
      if (orders.isEmpty()) {
        ended.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void runNext(String lane) {
    var waiting = waitingByLane.get(lane);
    var next = waiting == null ? null : waiting.poll();
    if (next == null) {
      waitingByLane.remove(lane);
    } else {
      workers.execute(next);
    }
  }

  /** Takes no more orders and refuses those that wait; the running ones go on. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
    } finally {
      lock.unlock();
    }
    pending().forEach(order -> order.refuse(stopping()));
  }

  /** Interrupts the orders that run: each undoes what it has to and ends. */
  void interrupt() {
    pending().forEach(Order::interrupt);
  }

  /** Waits until no order is left; false when {@code nanos} were not enough. */
  boolean awaitEnd(long nanos) throws InterruptedException {
    lock.lock();
    try {
      var left = nanos;
      while (!orders.isEmpty()) {
        if (left <= 0) {
          return false;
        }
        left = ended.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private List<Order<?>> pending() {
    lock.lock();
    try {
      return List.copyOf(orders);
    } finally {
      lock.unlock();
    }
  }

  private HarpException tooMany() {
    return new HarpException(
        BUSY, name + ": " + PLACES + " orders are waiting or running; try again later");
  }

  private HarpException stopping() {
    return new HarpException(UNAVAILABLE, name + ": takes no more orders; try again later");
  }

  private HarpException waitedTooLong() {
    return new HarpException(
        BUSY,
        name
            + ": earlier orders took longer than "
            + times.turn().toSeconds()
            + " s, so this one was not begun; try again later");
  }

  private HarpException tookTooLong(Duration allowed) {
    return new HarpException(
        TIMED_OUT,
        name + ": the order did not end within " + allowed.toSeconds() + " s and was interrupted");
  }

  private final class Order<T> implements Runnable {

    private enum State {
      WAITING,
      RUNNING,
      OVER
    }

    private final Optional<String> lane;
    private final Duration allowed;
    private final Callable<T> work;
    private final Promise<T> promise = Promise.promise();
    private State state = State.WAITING;
    private @Nullable Thread thread;

    Order(Optional<String> lane, Duration allowed, Callable<T> work) {
      this.lane = lane;
      this.allowed = allowed;
      this.work = work;
    }

    /** Does something unless there is an outcome before. */
    void after(Duration delay, Runnable then) {
      var timer = timers.schedule(then, delay.toNanos(), TimeUnit.NANOSECONDS);
      promise.future().onComplete(done -> timer.cancel(false));
    }

    @Override
    public void run() {
      if (!begin()) {
        finished(this);
        return;
      }
      try {
        after(allowed, this::giveUp);
        var result = work.call();
        end();
        promise.tryComplete(result);
      } catch (Throwable e) {
        end();
        promise.tryFail(e);
      }
    }

    private synchronized boolean begin() {
      if (state != State.WAITING) {
        return false;
      }
      state = State.RUNNING;
      thread = Thread.currentThread();
      return true;
    }

    /** Before anybody learns of the result, so that a following order finds its lane free. */
    private void end() {
      synchronized (this) {
        state = State.OVER;
        thread = null;
      }
      // An interrupt was for this order, not for the next one on this thread.
      Thread.interrupted();
      finished(this);
    }

    void refuse(HarpException why) {
      synchronized (this) {
        if (state != State.WAITING) {
          return;
        }
        state = State.OVER;
      }
      promise.fail(why);
    }

    private void giveUp() {
      if (promise.tryFail(tookTooLong(allowed))) {
        interrupt();
      }
    }

    synchronized void interrupt() {
      if (thread != null) {
        thread.interrupt();
      }
    }
  }
}
