// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.load;

import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Target;
import java.time.Duration;

/** A way to put load on a system for a bounded time. */
@FunctionalInterface
public interface Load {

  /**
   * Runs once.
   *
   * @param duration how long, where the load is not a fixed amount of work
   */
  Sample run(Peer peer, Target target, Duration duration);

  /**
   * Is called with every system before anything is measured; the first one is what the others are
   * compared to.
   */
  default void prepare(Peer peer, Target target, Duration duration) {}
}
