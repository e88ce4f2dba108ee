// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import io.github.harp.cluster.presence.Peers;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** The nodes that a test says are there; at first there is this one alone. */
final class FewPeers implements Peers {

  static final String THIS = "this";

  /** Each with its number. */
  final Map<String, Long> said = new HashMap<>(Map.of(THIS, 0L));

  Duration known = Duration.ZERO;
  boolean tellsAll;

  @Override
  public String run() {
    return THIS;
  }

  @Override
  public Map<String, Long> said() {
    return said;
  }

  @Override
  public Duration known() {
    return known;
  }

  @Override
  public boolean tellsAll() {
    return tellsAll;
  }

  @Override
  public void says(LongSupplier number) {
    // Nobody is told.
  }

  @Override
  public void whenRead(Runnable listener) {
    // Nobody looks.
  }
}
