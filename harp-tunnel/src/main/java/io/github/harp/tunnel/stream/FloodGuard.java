// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stream;

/**
 * A token bucket for what a decent peer hardly ever causes: frames that want an answer, warnings.
 */
public final class FloodGuard {

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final int burst;
  private final int perSecond;
  private double tokens;
  private long lastNanos;

  public FloodGuard(int burst, int perSecond, long nowNanos) {
    this.burst = burst;
    this.perSecond = perSecond;
    tokens = burst;
    lastNanos = nowNanos;
  }

  /** Counts one frame; false if there are too many. */
  public boolean allow(long nowNanos) {
    double refill = (double) (nowNanos - lastNanos) * perSecond / NANOS_PER_SECOND;
    tokens = Math.min(burst, tokens + refill);
    lastNanos = nowNanos;
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }
}
