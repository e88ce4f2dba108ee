// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.question;

import java.time.Duration;

/** A moment by which a question, its repetitions included, has to be answered. */
public final class TimeLeft {

  private final long endNanos;

  public TimeLeft(Duration duration) {
    this.endNanos = System.nanoTime() + duration.toNanos();
  }

  boolean isOver() {
    return endNanos - System.nanoTime() <= 0;
  }

  /** At least a millisecond. */
  public Duration remaining() {
    return Duration.ofMillis(remainingMillis());
  }

  long remainingMillis() {
    return Math.max(1, (endNanos - System.nanoTime()) / 1_000_000);
  }
}
