// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.transport;

import java.time.Duration;

/**
 * A moment on the monotonic clock until which something may take, and how long that was at first.
 *
 * @param nanoTime {@link System#nanoTime()} at that moment
 * @param allowed for messages: what was allowed when it was set
 */
public record Deadline(long nanoTime, Duration allowed) {

  public static Deadline in(Duration allowed) {
    return new Deadline(System.nanoTime() + allowed.toNanos(), allowed);
  }

  /** {@code allowed} from now, or this one where it is sooner. */
  public Deadline within(Duration allowed) {
    var other = in(allowed);
    return other.nanoTime - nanoTime < 0 ? other : this;
  }

  /** Nanoseconds left; zero or less when it is over. */
  public long remainingNanos() {
    return nanoTime - System.nanoTime();
  }

  public boolean isOver() {
    return remainingNanos() <= 0;
  }
}
