// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers;

import java.util.stream.Stream;

/** A system under test while it runs. */
public interface Peer extends AutoCloseable {

  /** Where it serves an application; {@code tls} asks for its HTTPS port. */
  Target target(App app, boolean tls);

  /** The processes whose time and memory are its cost. */
  Stream<Long> pids();

  /** Stops its processes. */
  @Override
  void close();
}
