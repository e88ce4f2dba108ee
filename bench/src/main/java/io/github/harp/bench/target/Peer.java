// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.target;

import io.github.harp.bench.backend.App;
import io.github.harp.bench.backend.Backend;
import java.time.Duration;
import java.util.stream.Stream;

/** A system under test while it runs. */
public interface Peer extends AutoCloseable {

  /** Where it serves an application in a protocol. */
  Target target(App app, Protocol protocol);

  /**
   * Waits until it serves an application, since a client of a tunnel is content a moment before.
   */
  default void awaitService(App app) {
    FirstAnswer.await(target(app, Protocol.HTTP), Backend.SMALL, Duration.ofSeconds(20));
  }

  /** The processes whose time and memory are its cost. */
  Stream<Long> pids();

  /** Stops its processes. */
  @Override
  void close();
}
