// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.scenario;

import io.github.harp.bench.load.Metric;
import io.github.harp.bench.peers.Lab;
import java.util.List;
import java.util.stream.Stream;

/**
 * A question that is answered by running several sides alternately.
 *
 * @param name for the command line
 * @param title what is measured, in words
 * @param primary the quantity of which ratios are made
 * @param goal what HaRP is to reach, in words; empty when there is none
 * @param sides the first one is what the others are compared to
 */
public record Scenario(String name, String title, Metric primary, String goal, List<Side> sides) {

  /** The same question to fewer systems; a name stands for the system with tunnels, too. */
  public Scenario only(List<String> systems) {
    var kept =
        sides.stream()
            .filter(
                side ->
                    systems.contains(side.system())
                        || systems.stream().anyMatch(name -> isFormOf(side.system(), name)))
            .toList();
    return new Scenario(name, title, primary, goal, kept);
  }

  private static boolean isFormOf(String system, String name) {
    return Stream.of(Lab.WITH_TUNNEL, Lab.WITH_CROWD, Lab.ROOMY)
        .anyMatch(ending -> system.equals(name + ending));
  }

  /** Whether systems stand side by side, a row for each label, instead of one below the other. */
  public boolean isByLabel() {
    return sides.stream().map(Side::label).distinct().count() < sides.size();
  }
}
