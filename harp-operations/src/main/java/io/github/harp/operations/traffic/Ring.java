// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.traffic;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Samples of equal length, the latest so many of them. Confined to whoever ticks. */
final class Ring {

  private final int seconds;
  private final int most;
  private final Deque<TrafficSample> samples = new ArrayDeque<>();
  private Totals before;
  private long since;

  /**
   * @param seconds of one sample
   * @param most samples
   */
  Ring(int seconds, int most, long now, Totals totals) {
    this.seconds = seconds;
    this.most = most;
    this.since = now;
    this.before = totals;
  }

  /** A sample ends when its time is over; one that ends late is longer. */
  void tick(long now, Totals totals) {
    if (now / seconds == since / seconds) {
      return;
    }
    if (samples.size() == most) {
      samples.removeFirst();
    }
    samples.addLast(totals.since(before).over(now, Math.max(1, now - since)));
    before = totals;
    since = now;
  }

  List<TrafficSample> samples() {
    return List.copyOf(samples);
  }
}
