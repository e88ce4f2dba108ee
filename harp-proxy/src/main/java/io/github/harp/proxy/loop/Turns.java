// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.loop;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * Lets those who have brought very many requests at once have them handled a part at a time, one
 * client after the other, so that nobody else waits for the whole of it. Confined to the event
 * loop.
 *
 * <p>How many are begun before the loop looks at its channels again depends on how long it took the
 * last time: what a request costs is mostly to come, when its ExApp is dialled, has answered, or
 * has to be told that the client is gone.
 */
public final class Turns {

  /** Whoever brings fewer leaves the others their part. */
  private static final int FEW = 4;

  /** Requests of one client that are handled at once, if nobody else brings many. */
  private static final int MANY = 64;

  /** Of all clients that bring more than a few, before the loop looks at its channels again. */
  private static final int MOST_PER_ROUND = 256;

  /** So many always, and at first, since a loop may not have compiled yet what it is to do. */
  private static final int LEAST_PER_ROUND = 16;

  private static final long LONG_ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final EventLoop loop;
  private final FatalErrors errors;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private int perRound = LEAST_PER_ROUND;
  private int left = perRound;
  private int share;
  private boolean scheduled;
  private boolean inRound;
  private boolean waitedBefore;
  private long lastTurns;

  public Turns(EventLoop loop, FatalErrors errors) {
    this.loop = loop;
    this.errors = errors;
  }

  /** How many requests somebody may begin now: one at least. */
  public int room() {
    return share > 0 ? share : Math.max(1, Math.min(left, MANY));
  }

  /** So many have been begun. */
  public void begun(int requests) {
    if (requests >= FEW || share > 0) {
      use(requests);
    }
  }

  private void use(int requests) {
    left -= requests;
    if (!inRound) {
      inRound = true;
      loop.execute(this::endRound);
    }
  }

  private void endRound() {
    left = perRound;
    inRound = false;
  }

  /** Has it run when it is its turn. */
  public void await(Runnable part) {
    waiting.add(part);
    schedule();
  }

  /** Looks at its channels before: what is scheduled, if due at once, is run once a round. */
  private void schedule() {
    if (!scheduled && !waiting.isEmpty()) {
      scheduled = true;
      loop.schedule(() -> errors.guard(this::next), 1, TimeUnit.NANOSECONDS);
    }
  }

  private void next() {
    adapt();
    int parts = waiting.size();
    share = Math.max(1, Math.min(left / parts, MANY));
    try {
      // Who has run may wait again at once, for the next round.
      do {
        use(1);
        waiting.remove().run();
      } while (--parts > 0 && left > 0);
    } finally {
      share = 0;
      scheduled = false;
      waitedBefore = !waiting.isEmpty();
      schedule();
    }
  }

  private void adapt() {
    long now = loop.ticker().nanoTime();
    if (!waitedBefore) {
      perRound = LEAST_PER_ROUND;
    } else if (now - lastTurns > LONG_ROUND_NANOS) {
      perRound = Math.max(perRound / 2, LEAST_PER_ROUND);
    } else {
      perRound = Math.min(2 * perRound, MOST_PER_ROUND);
    }
    lastTurns = now;
  }
}
