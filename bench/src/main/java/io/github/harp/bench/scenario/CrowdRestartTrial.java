// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.scenario;

import io.github.harp.bench.backend.App;
import io.github.harp.bench.load.Load;
import io.github.harp.bench.load.Metric;
import io.github.harp.bench.load.Sample;
import io.github.harp.bench.peers.Lab;
import io.github.harp.bench.target.Protocol;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A restart while a thousand tunnels are open: when all are there again, and what others wait
 * meanwhile, from the first answer on.
 *
 * @param others the load of others, on an ExApp without a tunnel
 */
record CrowdRestartTrial(Lab lab, String system, Load others) implements Trial {

  @Override
  public void warmUp(Duration duration) {
    // Nothing: a process that was just started is what is asked about.
  }

  @Override
  public Sample run(Duration duration) {
    try (var peer = lab.crowded(system)) {
      peer.restart();
      long start = System.nanoTime();
      var allIn =
          CompletableFuture.supplyAsync(
              () -> {
                peer.awaitAll();
                return (System.nanoTime() - start) / 1e6;
              });
      var sample = others.run(peer, peer.target(App.PLAIN, Protocol.HTTP), duration);
      return sample.with(Metric.ALL_BACK, allIn.join());
    }
  }
}
