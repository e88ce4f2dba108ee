// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http1;

import io.github.harp.proxy.budget.Holdings;
import io.github.harp.proxy.exchange.Exchange;
import io.github.harp.proxy.loop.Deadlines;
import io.github.harp.proxy.loop.Limit;
import org.jspecify.annotations.Nullable;

/** How long a client has been waited for. */
final class Http1Patience {

  /** How long nothing of an answer that has begun may come for a client that sends no more. */
  private static final long SILENCE_NANOS = 2_000_000_000L;

  private final Deadlines deadlines;
  private final Http1ResponseWriter answers;
  private final Holdings.Holding holding;
  private long lastRead;
  private long headBegan;

  Http1Patience(Deadlines deadlines, Http1ResponseWriter answers, Holdings.Holding holding) {
    this.deadlines = deadlines;
    this.answers = answers;
    this.holding = holding;
    this.lastRead = deadlines.now();
  }

  /** Something has come. */
  void read() {
    lastRead = deadlines.now();
  }

  /** A head is whole. */
  void headEnded() {
    headBegan = 0;
  }

  /** The limit of a head counts from its first byte, whatever trickles in. */
  boolean isOver(boolean isInHead) {
    if (isInHead && headBegan == 0) {
      headBegan = deadlines.now();
    }
    return deadlines.isExpired(Limit.CLIENT, isInHead ? headBegan : lastActivity());
  }

  /**
   * Whoever sends no more and waits for an answer may only have ended its half; in the middle of
   * one that is silent, it is more likely to have left a stream of events.
   */
  boolean isOverForWhoSendsNoMore(@Nullable Exchange current) {
    boolean isToBeAnswered = current != null && !current.account().isAnswered();
    return isToBeAnswered
        ? deadlines.isExpired(Limit.HALF_CLOSED, lastActivity())
        : deadlines.now() - lastActivity() > SILENCE_NANOS;
  }

  long lastActivity() {
    return Math.max(Math.max(lastRead, answers.lastWrite()), holding.movedAt());
  }
}
