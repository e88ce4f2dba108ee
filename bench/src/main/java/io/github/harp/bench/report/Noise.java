// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.report;

import io.github.harp.bench.process.MachineLoad;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Whether the machine was quiet enough for its numbers to mean something. */
final class Noise {
  private static final double OTHERS_LIMIT = 0.05;
  private static final double STOLEN_LIMIT = 0.03;
  private static final double SPREAD_LIMIT = 0.10;

  private Noise() {}

  /**
   * One sentence for under the table.
   *
   * @param widest the largest spread of the primary quantity
   */
  static String verdict(List<MachineLoad> machine, double widest) {
    double others = machine.stream().mapToDouble(MachineLoad::othersShare).max().orElse(0);
    double stolen = machine.stream().mapToDouble(MachineLoad::stolenShare).max().orElse(0);
    var reasons = new ArrayList<String>();
    if (others > OTHERS_LIMIT) {
      reasons.add(percent(others) + " of the machine went to other processes");
    }
    if (stolen > STOLEN_LIMIT) {
      reasons.add(percent(stolen) + " was taken by the hypervisor");
    }
    if (widest > SPREAD_LIMIT) {
      reasons.add("runs of one system differ by ±" + percent(widest));
    }
    return reasons.isEmpty()
        ? "Quiet: at most %s to other processes, %s stolen, runs within ±%s."
            .formatted(percent(others), percent(stolen), percent(widest))
        : "**Too noisy to rely on:** in the worst run " + String.join("; ", reasons) + ".";
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", share * 100);
  }
}
