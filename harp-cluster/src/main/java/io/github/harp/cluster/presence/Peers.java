// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.presence;

import java.time.Duration;
import java.util.Map;
import java.util.function.LongSupplier;

/** The nodes that live and serve one Nextcloud, and a number that each says. For one thread. */
public interface Peers {

  /** What this node does for it, as no other and none before is called. On any thread. */
  String run();

  /** What was said last, by run; of this node, too, once it has heard itself. */
  Map<String, Long> said();

  /** What this node says with each sign of life. Before it gives one. */
  void says(LongSupplier number);

  /**
   * For how long at least one of the others has said that it knows what all do, as {@link
   * #tellsAll}; zero where none does.
   */
  default Duration known() {
    return Duration.ZERO;
  }

  /** Whether this node says that it knows what all do, which it does not while it starts. */
  default boolean tellsAll() {
    return false;
  }

  /** Called whenever it was looked who is there. Before the first time. */
  void whenRead(Runnable listener);

  /** Whether this has shown that it lives. */
  default boolean isAlive(String other) {
    return said().containsKey(other);
  }

  /** Whether this node is the one to say what all know, so that not all do. */
  default boolean isFirstBut(String asker) {
    return said().keySet().stream()
        .noneMatch(other -> !other.equals(asker) && other.compareTo(run()) < 0);
  }

  /**
   * After how long this node says what one is to say: the first at once, and the others, each at
   * another time, unless they have heard it by then. The first may not know it.
   */
  default Duration patience(String asker) {
    return isFirstBut(asker)
        ? Duration.ZERO
        : Duration.ofMillis(1_000 + Math.floorMod(run().hashCode(), 2_000));
  }
}
