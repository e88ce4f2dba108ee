// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.scenario;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.backend.App;
import io.github.harp.bench.load.Metric;
import io.github.harp.bench.load.Sample;
import io.github.harp.bench.peers.Lab;
import io.github.harp.bench.process.ResidentMemory;
import java.time.Duration;
import java.util.Map;

/** What HaRP holds more for a thousand tunnels than for none. */
record CrowdMemoryTrial(Lab lab, String system) implements Trial {
  private static final Duration SETTLE = Duration.ofSeconds(2);

  @Override
  public void warmUp(Duration duration) {
    // Nothing: what is asked for is what the first tunnels cost.
  }

  @Override
  public Sample run(Duration duration) {
    try (var peer = lab.crowded(system)) {
      Thread.sleep(SETTLE.toMillis());
      double after = ResidentMemory.kib(peer.pids());
      return new Sample(
          App.CROWD_SIZE,
          0,
          Map.of(
              Metric.KIB_PER_CONNECTION,
              (after - peer.residentBefore()) / App.CROWD_SIZE,
              Metric.RESIDENT,
              after / 1024));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted while tunnels were idle", e);
    }
  }
}
