// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.load.requests;

import io.github.harp.bench.load.Load;
import io.github.harp.bench.load.Metric;
import io.github.harp.bench.load.Sample;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Target;
import java.time.Duration;

/**
 * Latency at a steady rate that is a part of what the baseline can do at most, the same rate for
 * every system.
 */
public final class PartOfPeak implements Load {
  private static final int CONNECTIONS = 64;

  private final Load peak;
  private final String resource;
  private final double part;
  private double rate;

  /**
   * @param peak finds the baseline's most
   * @param part of it, 0 to 1
   */
  public PartOfPeak(Load peak, String resource, double part) {
    this.peak = peak;
    this.resource = resource;
    this.part = part;
  }

  @Override
  public void prepare(Peer baseline, Target target, Duration duration) {
    if (rate > 0) {
      return;
    }
    peak.run(baseline, target, duration);
    var sample = peak.run(baseline, target, duration);
    rate = sample.values().getOrDefault(Metric.REQUESTS, 0.0) * part;
  }

  @Override
  public Sample run(Peer peer, Target target, Duration duration) {
    return new SteadyRate(target, resource, CONNECTIONS).sample(rate, duration);
  }
}
