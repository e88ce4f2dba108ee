// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.budget;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/**
 * Who on one event loop keeps how much for a client, as part of the {@link ClientBudget}. While
 * that is short, those go that keep most and have not moved for a while: each event loop sees to
 * its part.
 *
 * <p>Confined to the event loop. What is kept is told after the fact, as differences, so that a
 * request whose bytes pass costs next to nothing.
 */
public final class Holdings {

  /** How long one may stand still while memory is short, while that is urgent, and at the end. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final long LESS_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Others are turned away meanwhile. */
  private static final long LAST_PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** Who keeps less than such a part of what all keep on average is not who takes the memory. */
  private static final int SMALL_PART = 16;

  private final ClientBudget budget;
  private final LongSupplier clock;
  private final List<Holding> holding = new ArrayList<>();
  private long bytes;
  private long requestBytes;

  /**
   * @param clock nanoseconds, not more often than they are of use
   */
  public Holdings(ClientBudget budget, LongSupplier clock) {
    this.budget = budget;
    this.clock = clock;
  }

  public ClientBudget budget() {
    return budget;
  }

  /** Somebody who may keep something from now on, until it is closed. */
  public Holding open(Holder owner) {
    return new Holding(owner);
  }

  /** Called now and then; cuts off who has to go. */
  public void check(long now) {
    if (budget.buffers().isShort()) {
      shed(budget.buffers(), bytes, now, it -> it.bytes);
    }
    if (budget.requests().isShort()) {
      shed(budget.requests(), requestBytes, now, it -> it.requestBytes);
    }
  }

  private void shed(Budget from, long own, long now, ToLongFunction<Holding> size) {
    long patience = patience(from);
    double share = (double) own / Math.max(1, from.used());
    double due = from.excess() * share;
    long small = own / SMALL_PART / Math.max(1, holding.size());
    var still =
        holding.stream()
            .filter(it -> size.applyAsLong(it) > small && now - it.movedAt > patience)
            .sorted(Comparator.comparingLong(size).reversed())
            .toList();
    for (var next : still) {
      if (due <= 0) {
        return;
      }
      due -= size.applyAsLong(next);
      budget.countShed(from);
      next.owner.shed();
    }
  }

  private static long patience(Budget with) {
    if (with.isExhausted()) {
      return LAST_PATIENCE_NANOS;
    }
    return with.isUrgent() ? LESS_PATIENCE_NANOS : PATIENCE_NANOS;
  }

  /** What one keeps. */
  public final class Holding {

    private Holder owner;
    private long bytes;
    private long requestBytes;
    private long lastProgress;
    private long movedAt = clock.getAsLong();
    private int index = -1;
    private boolean closed;

    private Holding(Holder owner) {
      this.owner = owner;
    }

    /** Another one keeps it from now on. */
    public void passTo(Holder other) {
      owner = other;
    }

    /**
     * Tells what is kept now.
     *
     * @param now the bytes
     * @param progress a number that grows with what leaves, so that something has moved when it is
     *     more than the last one
     * @return how much more it is than before
     */
    public long set(long now, long progress) {
      if (progress > lastProgress) {
        movedAt = clock.getAsLong();
      }
      lastProgress = progress;
      long more = closed ? 0 : now - bytes;
      if (more != 0) {
        count(more);
      }
      return more;
    }

    private void count(long more) {
      if (bytes == 0 && requestBytes == 0) {
        movedAt = clock.getAsLong();
      }
      bytes += more;
      Holdings.this.bytes += more;
      budget.buffers().add(more);
      list();
    }

    /** Tells what the request under way takes on the heap now; 0 when it is over. */
    public void request(long now) {
      long more = closed ? 0 : now - requestBytes;
      if (more != 0) {
        if (requestBytes == 0) {
          movedAt = clock.getAsLong();
        }
        requestBytes += more;
        Holdings.this.requestBytes += more;
        budget.requests().add(more);
        list();
      }
    }

    /** When something of it moved last. */
    public long movedAt() {
      return movedAt;
    }

    /** Keeps nothing any more, for good; a second call does nothing. */
    public void close() {
      if (!closed) {
        set(0, lastProgress);
        request(0);
        closed = true;
      }
    }

    private void list() {
      boolean keeps = bytes != 0 || requestBytes != 0;
      if (keeps && index < 0) {
        index = holding.size();
        holding.add(this);
      } else if (!keeps && index >= 0) {
        var last = holding.remove(holding.size() - 1);
        if (last != this) {
          holding.set(index, last);
          last.index = index;
        }
        index = -1;
      }
    }
  }
}
