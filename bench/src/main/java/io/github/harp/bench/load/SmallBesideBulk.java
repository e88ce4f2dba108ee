// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.load;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.backend.Backend;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Target;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Latency of small requests at a low steady rate while one large body after the other passes beside
 * them.
 */
public final class SmallBesideBulk implements Load {
  private static final double PER_SECOND = 200;
  private static final int CONNECTIONS = 8;

  @Override
  public Sample run(Peer peer, Target target, Duration duration) {
    var bulk =
        CompletableFuture.supplyAsync(
            () -> BulkTransfer.down(1, "100m").run(peer, target, duration));
    var latencies = new SteadyRate(target, Backend.SMALL, CONNECTIONS).run(PER_SECOND, duration);
    try {
      var throughput = bulk.join().values().getOrDefault(Metric.THROUGHPUT, 0.0);
      return new Sample(
          latencies.getTotalCount(),
          0,
          Map.of(
              Metric.P50,
              latencies.getValueAtPercentile(50) / 1e3,
              Metric.P99,
              latencies.getValueAtPercentile(99) / 1e3,
              Metric.THROUGHPUT,
              throughput));
    } catch (CompletionException e) {
      throw new BenchException(
          "the large body beside the small requests failed: " + e.getCause(), e);
    }
  }
}
