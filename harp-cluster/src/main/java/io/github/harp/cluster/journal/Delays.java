// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.journal;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * How long entries were held back, whatever a server says of their age and whoever's clock is
 * wrong: by how much longer they took than the fastest of the same node lately. For one thread.
 */
final class Delays {

  /** A clock may be set; twice that later nothing is known of how it was before. */
  private static final long PERIOD_NANOS = Duration.ofMinutes(10).toNanos();

  private Map<String, Long> least = new HashMap<>();
  private Map<String, Long> before = Map.of();
  private long began;

  Delays(long nowNanos) {
    began = nowNanos;
  }

  /**
   * Takes note of an entry.
   *
   * @param tookMs from when it was sealed, by its node's clock, until now, by this one's
   */
  Duration heldBack(String run, long tookMs, long nowNanos) {
    if (nowNanos - began > PERIOD_NANOS) {
      before = least;
      least = new HashMap<>();
      began = nowNanos;
    }
    long fastest = least.merge(run, tookMs, Math::min);
    return Duration.ofMillis(tookMs - Math.min(fastest, before.getOrDefault(run, fastest)));
  }
}
