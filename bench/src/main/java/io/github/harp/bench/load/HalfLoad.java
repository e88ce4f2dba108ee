// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.load;

import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Target;
import java.time.Duration;
import java.util.Map;

/**
 * Latency at a steady rate that is half of what the baseline can do at most, the same rate for
 * every system.
 */
public final class HalfLoad implements Load {
  private static final int CONNECTIONS = 64;

  private final Load peak;
  private final String resource;
  private double rate;

  /** With the load that finds the baseline's most. */
  public HalfLoad(Load peak, String resource) {
    this.peak = peak;
    this.resource = resource;
  }

  @Override
  public void prepare(Peer baseline, Target target, Duration duration) {
    if (rate > 0) {
      return;
    }
    peak.run(baseline, target, duration);
    var sample = peak.run(baseline, target, duration);
    rate = sample.values().getOrDefault(Metric.REQUESTS, 0.0) / 2;
  }

  @Override
  public Sample run(Peer peer, Target target, Duration duration) {
    var latencies = new SteadyRate(target, resource, CONNECTIONS).run(rate, duration);
    return new Sample(
        latencies.getTotalCount(),
        0,
        Map.of(
            Metric.REQUESTS,
            latencies.getTotalCount() / (duration.toMillis() / 1e3),
            Metric.P50,
            latencies.getValueAtPercentile(50) / 1e3,
            Metric.P99,
            latencies.getValueAtPercentile(99) / 1e3));
  }
}
