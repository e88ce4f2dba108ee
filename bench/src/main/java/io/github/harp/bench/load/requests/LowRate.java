// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.load.requests;

import io.github.harp.bench.load.Load;
import io.github.harp.bench.load.Sample;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Target;
import java.time.Duration;

/** Small requests at a low steady rate, of which only the latency matters. */
public record LowRate(String resource) implements Load {
  private static final double PER_SECOND = 200;
  private static final int CONNECTIONS = 8;

  @Override
  public Sample run(Peer peer, Target target, Duration duration) {
    return new SteadyRate(target, resource, CONNECTIONS).sample(PER_SECOND, duration);
  }
}
