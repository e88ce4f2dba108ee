// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.bench.process.MachineLoad;
import java.util.List;
import org.junit.jupiter.api.Test;

class NoiseTest {
  private static final MachineLoad ALONE = new MachineLoad(10, 9, 0, 9);

  @Test
  void aMachineThatWorkedForTheComparisonOnlyIsQuiet() {
    assertThat(Noise.verdict(List.of(ALONE), 0.02)).startsWith("Quiet");
  }

  @Test
  void oneRunBesideAnotherProcessSpoilsTheTable() {
    var disturbed = new MachineLoad(10, 9, 0, 7);

    assertThat(Noise.verdict(List.of(ALONE, disturbed, ALONE), 0.02))
        .startsWith("**Too noisy")
        .contains("20.0 % of the machine went to other processes");
  }

  @Test
  void timeTakenByTheHypervisorSpoilsTheTable() {
    assertThat(Noise.verdict(List.of(new MachineLoad(10, 9, 0.5, 9)), 0.02))
        .contains("5.0 % was taken by the hypervisor");
  }

  @Test
  void runsThatDifferTooMuchSpoilTheTable() {
    assertThat(Noise.verdict(List.of(ALONE), 0.25)).contains("differ by ±25.0 %");
  }
}
