// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.scenario;

import io.github.harp.bench.load.Sample;
import io.github.harp.bench.process.MachineLoad;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What came of a scenario.
 *
 * @param samples of each side that has some, in the order of its sides
 * @param machine what the machine did during each run
 * @param failures of the sides that went no further, and why
 */
public record Outcome(
    Scenario scenario,
    Map<Side, List<Sample>> samples,
    List<MachineLoad> machine,
    Map<Side, String> failures) {

  /** A paragraph for under a table; empty when nothing failed. */
  public String failed() {
    return failures.entrySet().stream()
        .map(entry -> "**Failed:** %s: %s\n".formatted(entry.getKey().label(), entry.getValue()))
        .collect(Collectors.joining("\n"));
  }
}
