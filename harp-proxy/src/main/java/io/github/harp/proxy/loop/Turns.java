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
 */
public final class Turns {

  /** Requests that are handled at once whatever else is to do. */
  private static final int FEW = 4;

  /** Requests of one client that are handled at once, if nobody else brings many. */
  private static final int MANY = 64;

  /** Of all clients that bring more than a few, before the loop looks at its channels again. */
  private static final int PER_ROUND = 256;

  private final EventLoop loop;
  private final FatalErrors errors;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private int left = PER_ROUND;
  private boolean scheduled;
  private boolean inRound;

  public Turns(EventLoop loop, FatalErrors errors) {
    this.loop = loop;
    this.errors = errors;
  }

  /** How many requests somebody may begin now. */
  public int room() {
    return Math.max(FEW, Math.min(left, MANY));
  }

  /** So many have been begun. */
  public void begun(int requests) {
    if (requests >= FEW) {
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
    left = PER_ROUND;
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
    try {
      // Who has run may wait again at once, for the next round.
      for (int i = waiting.size(); i > 0 && left > FEW; i--) {
        use(1);
        waiting.remove().run();
      }
    } finally {
      scheduled = false;
      schedule();
    }
  }
}
