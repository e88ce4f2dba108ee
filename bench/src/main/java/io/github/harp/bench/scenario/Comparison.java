// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.scenario;

import io.github.harp.bench.load.Sample;
import io.github.harp.bench.process.MachineLoad;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Runs the sides of a scenario alternately, A B A B, so that a slow drift of the machine meets all
 * of them.
 */
public final class Comparison {
  private final Plan plan;
  private final Consumer<String> progress;

  /** With a listener that is told what is being done. */
  public Comparison(Plan plan, Consumer<String> progress) {
    this.plan = plan;
    this.progress = progress;
  }

  /** Warms up every side, then measures. */
  public Outcome run(Scenario scenario) {
    var samples = new LinkedHashMap<Side, List<Sample>>();
    var machine = new ArrayList<MachineLoad>();
    for (var side : scenario.sides()) {
      progress.accept(scenario.name() + ": warming up " + side.label());
      side.trial().warmUp(plan.warmUp());
      samples.put(side, new ArrayList<>());
    }
    for (int round = 1; round <= plan.rounds(); round++) {
      for (Map.Entry<Side, List<Sample>> entry : samples.entrySet()) {
        var before = MachineLoad.now();
        var sample = entry.getKey().trial().run(plan.duration());
        machine.add(MachineLoad.now().since(before));
        entry.getValue().add(sample);
        var primary = sample.values().getOrDefault(scenario.primary(), Double.NaN);
        progress.accept(
            "%s: round %d of %d, %s: %s %s"
                .formatted(
                    scenario.name(),
                    round,
                    plan.rounds(),
                    entry.getKey().label(),
                    scenario.primary().format(primary),
                    scenario.primary().unit()));
      }
    }
    return new Outcome(scenario, samples, machine);
  }
}
