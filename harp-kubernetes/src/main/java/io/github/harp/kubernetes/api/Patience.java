// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.api;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How long something may still take. */
public record Patience(long end) {

  public static Patience of(Duration duration) {
    return new Patience(System.nanoTime() + duration.toNanos());
  }

  public boolean isOver() {
    return left() <= 0;
  }

  public long left() {
    return end - System.nanoTime();
  }

  /** Waits before another look; shorter when that would be too late. */
  public void pause(Duration pause) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(Math.max(1, Math.min(pause.toNanos(), left())));
  }
}
