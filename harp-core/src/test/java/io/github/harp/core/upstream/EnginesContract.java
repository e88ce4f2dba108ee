// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.EngineNumber;
import org.junit.jupiter.api.Test;

/** What whoever finds container engines by their numbers promises. */
public abstract class EnginesContract {

  /** Engines that are known under 24000 and 24007, and no other. */
  protected abstract Engines engines();

  @Test
  void anEngineIsFoundByItsNumber() {
    assertThat(engines().find(number(24000))).isPresent();
    assertThat(engines().find(number(24007))).isPresent();
    assertThat(engines().find(number(24000))).isNotEqualTo(engines().find(number(24007)));
  }

  @Test
  void theSameNumberIsTheSameUpstream() {
    var engines = engines();

    assertThat(engines.find(number(24007))).isEqualTo(engines.find(number(24007)));
  }

  @Test
  void otherNumbersAreNoEngines() {
    assertThat(engines().find(number(24001))).isEmpty();
    assertThat(engines().find(EngineNumber.LAST)).isEmpty();
  }

  @Test
  void theNumbersAreListedInOrder() {
    assertThat(engines().numbers()).containsExactly(number(24000), number(24007));
  }

  private static EngineNumber number(int value) {
    return new EngineNumber(value);
  }
}
