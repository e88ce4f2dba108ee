// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.scenario;

import io.github.harp.bench.load.Sample;
import io.github.harp.bench.process.MachineLoad;
import java.util.List;
import java.util.Map;

/**
 * What came of a scenario.
 *
 * @param samples of each side, in the order of its sides
 * @param machine what the machine did during each run
 */
public record Outcome(
    Scenario scenario, Map<Side, List<Sample>> samples, List<MachineLoad> machine) {}
