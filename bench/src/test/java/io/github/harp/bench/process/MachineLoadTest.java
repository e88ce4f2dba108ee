// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MachineLoadTest {

  @Test
  void whatTheComparisonUsesIsNotOthers() {
    assertThat(new MachineLoad(10, 6, 0, 5).othersShare()).isEqualTo(0.1);
  }

  @Test
  void roundingNeverMakesOthersNegative() {
    assertThat(new MachineLoad(10, 6, 0, 6.01).othersShare()).isZero();
  }

  @Test
  void thisProcessHasATimeAndAMemory() {
    var self = ProcessHandle.current().pid();

    assertThat(CpuTime.of(Stream.of(self)).own()).isPositive();
    assertThat(ResidentMemory.kib(Stream.of(self))).isPositive();
  }
}
