// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.gate;

import io.github.harp.proxy.control.ControlAnswer;
import io.github.harp.proxy.control.ControlHandler;
import io.github.harp.proxy.control.ControlRequest;
import io.github.harp.proxy.loop.LoopResources;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Knows which orders are under way, also when their callers have hung up. Thread-safe. */
public final class RunningOrders implements ControlHandler {

  private static final long LOOK_AGAIN_MILLIS = 20;

  private final ControlHandler orders;
  private final AtomicInteger running = new AtomicInteger();

  public RunningOrders(ControlHandler orders) {
    this.orders = orders;
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
