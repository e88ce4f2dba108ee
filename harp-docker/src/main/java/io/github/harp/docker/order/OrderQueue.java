// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.order;

import static io.github.harp.core.HarpException.Code.BUSY;
import static io.github.harp.core.HarpException.Code.UNAVAILABLE;

import io.github.harp.core.HarpException;
import io.netty.util.concurrent.EventExecutorGroup;
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
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The orders of one engine: {@value #WORKERS} at a time, those of one lane one after the other in
 * the order they came in, more than {@value #PLACES} refused with {@code BUSY}. A hung engine costs
 * its own threads, not those of others; threads go when there is nothing to do.
 *
 * <p>Thread-safe; {@link #submit} never blocks.
 */
public final class OrderQueue {

  private static final int WORKERS = 16;
  private static final int PLACES = 64;
  private static final long IDLE_THREAD_SECONDS = 5;

  private final String name;
  private final Duration patience;
  private final EventExecutorGroup timers;
  private final ThreadPoolExecutor workers;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Set<Order<?>> orders = new HashSet<>();
  private final Map<String, ArrayDeque<Order<?>>> waitingByLane = new HashMap<>();
  private boolean stopped;

  /**
   * @param name for messages and threads, {@code engine 24000}
   * @param patience how long an order may wait for its turn
   */
  public OrderQueue(String name, Duration patience, EventExecutorGroup timers) {
    this.name = name;
    this.patience = patience;
    this.timers = timers;
    this.workers =
        new ThreadPoolExecutor(
            WORKERS,
            WORKERS,
            IDLE_THREAD_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              var thread = new Thread(task, "harp-order-" + name.replace(' ', '-'));
              thread.setDaemon(true);
              return thread;
            });
    workers.allowCoreThreadTimeOut(true);
  }

  /**
   * Runs {@code work} on a thread that may block.
   *
   * @param lane orders of the same lane never overlap; empty for one that may run beside any other
   */
  public <T> Future<T> submit(Optional<String> lane, Callable<T> work) {
    var order = new Order<>(lane, work);
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
    order.refuseAfter(patience);
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
  public void stop() {
    lock.lock();
    try {
      stopped = true;
    } finally {
      lock.unlock();
    }
    pending().forEach(order -> order.refuse(stopping()));
  }

  /** Interrupts the orders that run: each undoes what it has to and ends. */
  public void interrupt() {
    pending().forEach(Order::interrupt);
  }

  /** Waits until no order is left; false when {@code nanos} were not enough. */
  public boolean awaitEnd(long nanos) throws InterruptedException {
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
            + patience.toSeconds()
            + " s, so this one was not begun; try again later");
  }

  private final class Order<T> implements Runnable {

    private enum State {
      WAITING,
      RUNNING,
      OVER
    }

    private final Optional<String> lane;
    private final Callable<T> work;
    private final Promise<T> promise = Promise.promise();
    private State state = State.WAITING;
    private @Nullable Thread thread;

    Order(Optional<String> lane, Callable<T> work) {
      this.lane = lane;
      this.work = work;
    }

    void refuseAfter(Duration patience) {
      var timer =
          timers.schedule(
              () -> refuse(waitedTooLong()), patience.toMillis(), TimeUnit.MILLISECONDS);
      promise.future().onComplete(done -> timer.cancel(false));
    }

    @Override
    public void run() {
      if (!begin()) {
        finished(this);
        return;
      }
      try {
        var result = work.call();
        end();
        promise.complete(result);
      } catch (Throwable e) {
        end();
        promise.fail(e);
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

    synchronized void interrupt() {
      if (thread != null) {
        thread.interrupt();
      }
    }
  }
}
