// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What whoever finds container engines by their numbers promises. */
public abstract class EnginesContract {

  /** Engines that are known under 24000 and 24007, and no other. */
  protected abstract Engines engines();

  @Test
  void anEngineIsFoundByItsNumber() {
    assertThat(engines().find(24000)).isPresent();
    assertThat(engines().find(24007)).isPresent();
    assertThat(engines().find(24000)).isNotEqualTo(engines().find(24007));
  }

  @Test
  void theSameNumberIsTheSameUpstream() {
    var engines = engines();

    assertThat(engines.find(24007)).isEqualTo(engines.find(24007));
  }

  @Test
  void otherNumbersAreNoEngines() {
    assertThat(engines().find(24001)).isEmpty();
    assertThat(engines().find(Engines.LAST_PORT)).isEmpty();
  }

  @Test
  void noNumberOutsideOfTheRangeIsAnEngine() {
    for (var port :
        new int[] {-1, 0, 22, 2375, 23000, Engines.FIRST_PORT - 1, Engines.LAST_PORT + 1, 65_536}) {
      assertThat(engines().find(port)).as("port %d", port).isEmpty();
    }
  }

  @Test
  void theNumbersAreListedInOrder() {
    assertThat(engines().ports()).containsExactly(24000, 24007);
  }
}
