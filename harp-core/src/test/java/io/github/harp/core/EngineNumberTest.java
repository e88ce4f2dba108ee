// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineNumberTest {

  @ParameterizedTest
  @ValueSource(ints = {24000, 24007, 24099})
  void aHundredNumbersAreEngines(int port) {
    assertThat(EngineNumber.isEngine(port)).isTrue();
    assertThat(EngineNumber.of(port)).contains(new EngineNumber(port));
    assertThat(EngineNumber.parse("" + port)).contains(new EngineNumber(port));
    assertThat(new EngineNumber(port)).hasToString("" + port);
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 22, 2375, 23000, 23999, 24100, 65_536})
  void noNumberOutsideOfTheRangeIsAnEngine(int port) {
    assertThat(EngineNumber.isEngine(port)).isFalse();
    assertThat(EngineNumber.of(port)).isEmpty();
    assertThat(EngineNumber.parse("" + port)).isEmpty();
    assertThatThrownBy(() -> new EngineNumber(port))
        .isInstanceOf(HarpException.class)
        .hasMessage("engine " + port + ": engines have numbers from 24000 to 24099");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " 24000", "24000 ", "+24000", "024000", "24000.0", "x", "２４０００"})
  void otherTextIsNoNumber(String text) {
    assertThat(EngineNumber.parse(text)).isEmpty();
  }

  @Test
  void theRangeIsSaidAsItIs() {
    assertThat(EngineNumber.RANGE)
        .isEqualTo("from " + EngineNumber.FIRST + " to " + EngineNumber.LAST);
  }
}
