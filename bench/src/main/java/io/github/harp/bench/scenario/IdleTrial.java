// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.scenario;

import io.github.harp.bench.backend.App;
import io.github.harp.bench.load.IdleConnections;
import io.github.harp.bench.load.Sample;
import io.github.harp.bench.peers.Lab;
import java.time.Duration;

/**
 * Idle connections to a system that was just started, since one that had many keeps their memory.
 */
final class IdleTrial implements Trial {
  private static final Duration SETTLE = Duration.ofSeconds(2);

  private final Lab lab;
  private final String system;
  private final App app;
  private final IdleConnections load;

  IdleTrial(Lab lab, String system, App app, IdleConnections load) {
    this.lab = lab;
    this.system = system;
    this.app = app;
    this.load = load;
  }

  @Override
  public void warmUp(Duration duration) {
    // Nothing: what is asked for is what the first connections cost.
  }

  @Override
  public Sample run(Duration duration) {
    try (var peer = lab.fresh(system)) {
      return load.run(peer, peer.target(app, false), SETTLE);
    }
  }
}
