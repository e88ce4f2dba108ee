// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.load.requests;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.backend.Backend;
import io.github.harp.bench.load.BulkTransfer;
import io.github.harp.bench.load.Load;
import io.github.harp.bench.load.Metric;
import io.github.harp.bench.load.Sample;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Target;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Latency of small requests at a low steady rate while one large body after the other passes beside
 * them.
 */
public final class SmallBesideBulk implements Load {
  @Override
  public Sample run(Peer peer, Target target, Duration duration) {
    var bulk =
        CompletableFuture.supplyAsync(
            () -> BulkTransfer.down(1, "100m").run(peer, target, duration));
    var small = new LowRate(Backend.SMALL).run(peer, target, duration);
    try {
      var throughput = bulk.join().values().getOrDefault(Metric.THROUGHPUT, 0.0);
      return small.with(Metric.THROUGHPUT, throughput);
    } catch (CompletionException e) {
      throw new BenchException(
          "the large body beside the small requests failed: " + e.getCause(), e);
    }
  }
}
