// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.scenario;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.load.Sample;
import io.github.harp.bench.process.MachineLoad;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Runs the sides of a scenario alternately, A B A B, so that a slow drift of the machine meets all
 * of them. A side that fails is left out from then on; the others go on.
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
    var failures = new LinkedHashMap<Side, String>();
    for (var side : scenario.sides()) {
      progress.accept(scenario.name() + ": warming up " + side.label());
      attempt(side, failures, () -> side.trial().warmUp(plan.warmUp()));
    }
    for (int round = 1; round <= plan.rounds(); round++) {
      int current = round;
      for (var side : scenario.sides()) {
        attempt(
            side,
            failures,
            () -> {
              var before = MachineLoad.now();
              var sample = side.trial().run(plan.duration());
              machine.add(MachineLoad.now().since(before));
              samples.computeIfAbsent(side, any -> new ArrayList<>()).add(sample);
              tell(scenario, side, current, sample);
            });
      }
    }
    return new Outcome(scenario, samples, machine, failures);
  }

  private void attempt(Side side, Map<Side, String> failures, Runnable step) {
    if (failures.containsKey(side)) {
      return;
    }
    try {
      step.run();
    } catch (BenchException failure) {
      if (Thread.currentThread().isInterrupted()) {
        throw failure;
      }
      progress.accept(side.label() + " failed: " + failure.getMessage());
      failures.put(side, String.valueOf(failure.getMessage()).strip());
    }
  }

  private void tell(Scenario scenario, Side side, int round, Sample sample) {
    var primary = scenario.primary();
    var value = sample.values().getOrDefault(primary, Double.NaN);
    progress.accept(
        "%s: round %d of %d, %s: %s %s"
            .formatted(
                scenario.name(),
                round,
                plan.rounds(),
                side.label(),
                primary.format(value),
                primary.unit()));
  }
}
