// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.orders;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A moment until which something may take, and how long that was at first.
 *
 * @param allowed for messages: what was allowed when it was set
 * @param nanoTime what the clock says at that moment
 */
public record Deadline(Duration allowed, long nanoTime, Ticker clock) {

  public static Deadline in(Duration allowed, Ticker clock) {
    return new Deadline(allowed, clock.read() + allowed.toNanos(), clock);
  }

  /** {@code sooner} from now, or this one where it is sooner. */
  public Deadline within(Duration sooner) {
    var other = in(sooner, clock);
    return other.nanoTime - nanoTime < 0 ? other : this;
  }

  /** Nanoseconds left; zero or less when it is over. */
  public long remainingNanos() {
    return nanoTime - clock.read();
  }

  public boolean isOver() {
    return remainingNanos() <= 0;
  }

  /** Waits before another look, and not beyond its end. */
  public void pause(Duration pause) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(Math.max(1, within(pause).remainingNanos()));
  }
}
