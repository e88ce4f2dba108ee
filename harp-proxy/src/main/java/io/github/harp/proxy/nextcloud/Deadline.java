// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import java.time.Duration;

/** A moment by which a call, its repetitions included, has to be over. */
final class Deadline {

  private final long endNanos;

  Deadline(Duration duration) {
    this.endNanos = System.nanoTime() + duration.toNanos();
  }

  /** At least 1. */
  long remainingMillis() {
    return Math.max(1, (endNanos - System.nanoTime()) / 1_000_000);
  }
}
