// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.load;

import io.github.harp.bench.peers.Peer;
import io.github.harp.bench.peers.Target;
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
   * Is called once, with the system that the others are compared to, before anything is measured.
   */
  default void prepare(Peer baseline, Target target, Duration duration) {}
}
