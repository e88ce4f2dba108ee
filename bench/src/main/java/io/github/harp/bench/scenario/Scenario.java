// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.scenario;

import io.github.harp.bench.load.Metric;
import io.github.harp.bench.peers.Lab;
import java.util.List;

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

  /** The same question to fewer systems; a name stands for the system with a tunnel, too. */
  public Scenario only(List<String> systems) {
    var kept =
        sides.stream()
            .filter(
                side ->
                    systems.contains(side.system())
                        || systems.stream()
                            .anyMatch(name -> side.system().equals(name + Lab.WITH_TUNNEL)))
            .toList();
    return new Scenario(name, title, primary, goal, kept);
  }
}
