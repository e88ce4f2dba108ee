// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.report;

import io.github.harp.bench.load.Metric;
import io.github.harp.bench.load.Sample;
import io.github.harp.bench.scenario.Outcome;
import io.github.harp.bench.scenario.Side;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A scenario's outcome as a Markdown section with a row for each label and a column for each
 * system: the median, and how often bytes went straight.
 */
public final class LabelTable {
  private final Outcome outcome;
  private final List<String> systems;

  /** For one outcome with at least one side. */
  public LabelTable(Outcome outcome) {
    this.outcome = outcome;
    this.systems = outcome.scenario().sides().stream().map(Side::system).distinct().toList();
  }

  /** The section with its title, table and a sentence about noise. */
  public String render() {
    var scenario = outcome.scenario();
    var text = new StringBuilder("### " + scenario.name() + ": " + scenario.title() + "\n\n");
    text.append("Goal: ").append(scenario.goal()).append(".\n\n");
    var unit = scenario.primary().unit();
    text.append(row(systems.stream().map(system -> system + ", " + unit), ""))
        .append(row(systems.stream().map(system -> "---:"), "---"));
    outcome.scenario().sides().stream()
        .map(Side::label)
        .distinct()
        .forEach(label -> text.append(row(systems.stream().map(it -> cell(it, label)), label)));
    return text.append('\n')
        .append(Noise.verdict(outcome.machine(), 0))
        .append('\n')
        .append(outcome.failed())
        .toString();
  }

  private String cell(String system, String label) {
    var samples =
        outcome.samples().entrySet().stream()
            .filter(entry -> entry.getKey().system().equals(system))
            .filter(entry -> entry.getKey().label().equals(label))
            .flatMap(entry -> entry.getValue().stream())
            .toList();
    if (samples.isEmpty()) {
      return "–";
    }
    var primary = outcome.scenario().primary();
    var median = primary.format(Spread.of(values(samples, primary)).median());
    var straight = values(samples, Metric.STRAIGHT).stream().filter(each -> each > 0).count();
    return median + (straight == samples.size() ? " straight" : ways(straight, samples.size()));
  }

  private static String ways(long straight, int all) {
    return straight == 0 ? "" : " straight %d of %d".formatted(straight, all);
  }

  private static List<Double> values(List<Sample> samples, Metric metric) {
    return samples.stream().map(sample -> sample.values().getOrDefault(metric, 0.0)).toList();
  }

  private static String row(Stream<String> cells, String first) {
    return Stream.concat(Stream.of(first), cells).collect(Collectors.joining(" | ", "| ", " |\n"));
  }
}
