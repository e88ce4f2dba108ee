// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.gate;

import io.github.harp.core.instance.Instance;
import io.github.harp.proxy.control.ControlAnswer;
import io.github.harp.proxy.control.ControlHandler;
import io.github.harp.proxy.control.ControlRequest;
import io.github.harp.proxy.loop.LoopResources;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Knows which orders are under way, also when their callers have hung up, and how many bytes their
 * bodies have: of all Nextclouds so many, and of one no more than half of it. Thread-safe.
 */
public final class RunningOrders implements ControlHandler {

  private static final long LOOK_AGAIN_MILLIS = 20;
  private static final int PART_OF_HEAP = 16;

  /** One of each of two Nextclouds may be as large as any. */
  private static final long LEAST_BYTES = 8 << 20;

  private final ControlHandler orders;
  private final long mostBytes;
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final Map<Instance, Long> bytesOfEach = new ConcurrentHashMap<>();

  /**
   * @param mostBytes of the bodies of all orders; reading one takes five times as much
   */
  public RunningOrders(ControlHandler orders, long mostBytes) {
    this.orders = orders;
    this.mostBytes = mostBytes;
  }

  /** With as many bytes as the heap allows. */
  public static RunningOrders inThisProcess(ControlHandler orders) {
    return new RunningOrders(
        orders, Math.max(LEAST_BYTES, Runtime.getRuntime().maxMemory() / PART_OF_HEAP));
  }

  /** Counts more of a body; false if there is no room for it. To be given back either way. */
  boolean take(Instance whose, int more) {
    long ofOne = bytesOfEach.merge(whose, (long) more, Long::sum);
    return bytes.addAndGet(more) <= mostBytes && ofOne <= mostBytes / 2;
  }

  void giveBack(Instance whose, int taken) {
    bytes.addAndGet(-taken);
    bytesOfEach.computeIfPresent(whose, (it, had) -> had > taken ? had - taken : null);
  }

  @Override
  public int maxBodyBytes(String path) {
    return orders.maxBodyBytes(path);
  }

  @Override
  public Future<ControlAnswer> handle(ControlRequest request) {
    running.incrementAndGet();
    return LoopResources.ask(() -> orders.handle(request))
        .onComplete(answer -> running.decrementAndGet());
  }

  /** Completes when none is under way any more, at the latest after the grace. */
  public Future<Void> awaitEnd(Vertx vertx, Duration grace) {
    if (running.get() == 0 || grace.isNegative() || grace.isZero()) {
      return Future.succeededFuture();
    }
    long pause = Math.min(LOOK_AGAIN_MILLIS, Math.max(1, grace.toMillis()));
    return vertx
        .timer(pause)
        .compose(passed -> awaitEnd(vertx, grace.minus(Duration.ofMillis(pause))));
  }
}
