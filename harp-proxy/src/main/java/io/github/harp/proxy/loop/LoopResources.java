// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.loop;

import io.github.harp.proxy.HarpProxyOptions.Timeouts;
import io.github.harp.proxy.budget.ClientBudget;
import io.github.harp.proxy.budget.Holdings;
import io.github.harp.proxy.budget.UnsentBytes;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.util.Objects;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the exchanges of one event loop share. */
public final class LoopResources {

  private static final Logger LOG = LoggerFactory.getLogger(LoopResources.class);

  private final EventLoop loop;
  private final Deadlines deadlines;
  private final Holdings holdings;
  private final Turns turns;
  private final FatalErrors errors;
  private final RequestIds requestIds = new RequestIds();

  public LoopResources(EventLoop loop, Timeouts timeouts, ClientBudget budget, FatalErrors errors) {
    this.errors = errors;
    this.loop = loop;
    this.deadlines = new Deadlines(loop, timeouts, errors, this::afterTick);
    this.holdings = new Holdings(budget, deadlines::now);
    this.turns = new Turns(loop, errors);
  }

  public EventLoop loop() {
    return loop;
  }

  public Deadlines deadlines() {
    return deadlines;
  }

  /** Who waits to do more of what it has brought. */
  public Turns turns() {
    return turns;
  }

  /** What its requests are called. */
  public RequestIds requestIds() {
    return requestIds;
  }

  private void afterTick(long now) {
    holdings.check(now);
  }

  /** Sees to errors that nobody gets over. */
  public FatalErrors errors() {
    return errors;
  }

  /** Runs a task on the event loop, later. */
  public void execute(Runnable task) {
    loop.execute(() -> errors.guard(task));
  }

  /** Whether nobody who has something kept is to get more. */
  public boolean isShort() {
    return holdings.budget().buffers().isShort();
  }

  /**
   * Whether it is to be given more: what it takes while there is room, little from half of the
   * memory on, so that many who stand still find some, and only what it can send at once while
   * memory is short.
   */
  public boolean takesMore(Channel channel) {
    long mayWait = holdings.budget().buffers().mayWaitBytes();
    return channel.isWritable()
        && (UnsentBytes.of(channel) <= mayWait || UnsentBytes.isSent(channel));
  }

  /** Whether not even what is begun is to be read on. */
  public boolean isUrgent() {
    return holdings.budget().buffers().isUrgent();
  }

  /** What its clients make us keep. */
  public Holdings holdings() {
    return holdings;
  }

  /**
   * Asks a seam; one that breaks instead of failing its future has failed, and the log says how.
   */
  public static <T> Future<T> ask(Supplier<Future<T>> seam) {
    try {
      return Objects.requireNonNull(seam.get(), "found null, expected a future");
    } catch (RuntimeException e) {
      LOG.error("a collaborator of the proxy broke: expected a future, failed or not", e);
      return Future.failedFuture(e);
    }
  }

  /**
   * The one place where an answer of a seam, which may come on any thread, gets back to the event
   * loop; at once when it is there already.
   */
  public <T> void when(Future<T> future, Handler<Future<T>> handler) {
    if (future.isComplete()) {
      handler.handle(future);
    } else {
      future.onComplete(ignored -> execute(() -> handler.handle(future)));
    }
  }
}
