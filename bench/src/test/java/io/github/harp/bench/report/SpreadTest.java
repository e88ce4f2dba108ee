// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {

  @Test
  void theMedianOfAnOddNumberIsTheMiddleOne() {
    assertThat(Spread.of(List.of(30.0, 10.0, 20.0)).median()).isEqualTo(20);
  }

  @Test
  void theMedianOfAnEvenNumberLiesBetweenTheMiddleTwo() {
    assertThat(Spread.of(List.of(40.0, 10.0, 20.0, 30.0)).median()).isEqualTo(25);
  }

  @Test
  void theSpreadIsHalfTheRangeInPartsOfTheMedian() {
    assertThat(Spread.of(List.of(90.0, 100.0, 110.0)).halfRange()).isCloseTo(0.1, within(1e-9));
  }
}
