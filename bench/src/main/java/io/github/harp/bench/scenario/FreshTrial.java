// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.scenario;

import io.github.harp.bench.backend.App;
import io.github.harp.bench.load.Load;
import io.github.harp.bench.load.Sample;
import io.github.harp.bench.peers.Lab;
import io.github.harp.bench.target.Protocol;
import java.time.Duration;

/**
 * Load on a system that was just started: what it needs at first, and idle connections, since one
 * that had many keeps their memory.
 *
 * @param duration of each run, whatever is planned for runs
 */
record FreshTrial(Lab lab, String system, App app, Load load, Duration duration) implements Trial {

  /** Warms nothing up, since what is asked for is what the first requests cost. */
  @Override
  public void warmUp(Duration planned) {
    try (var peer = lab.fresh(system)) {
      load.prepare(peer, peer.target(app, Protocol.HTTP), planned);
    }
  }

  @Override
  public Sample run(Duration planned) {
    try (var peer = lab.fresh(system)) {
      return load.run(peer, peer.target(app, Protocol.HTTP), duration);
    }
  }
}
