// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.report;

import io.github.harp.bench.load.Metric;
import io.github.harp.bench.load.Sample;
import io.github.harp.bench.scenario.Outcome;
import io.github.harp.bench.scenario.Side;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A scenario's outcome as a Markdown section: one row for each side, ratios to the first. */
public final class MarkdownTable {
  private final Outcome outcome;
  private final Metric primary;
  private final List<Metric> columns;

  /** For one outcome of a scenario with at least one side. */
  public MarkdownTable(Outcome outcome) {
    this.outcome = outcome;
    this.primary = outcome.scenario().primary();
    this.columns =
        Arrays.stream(Metric.values())
            .filter(metric -> metric != primary && isWorthAColumn(metric))
            .toList();
  }

  /** The section with its title, table and a sentence about noise. */
  public String render() {
    var scenario = outcome.scenario();
    var text = new StringBuilder("### " + scenario.name() + ": " + scenario.title() + "\n\n");
    if (!scenario.goal().isEmpty()) {
      text.append("Goal: ").append(scenario.goal()).append(".\n\n");
    }
    var titles = new ArrayList<>(List.of("system", primary.unit(), "ratio"));
    columns.forEach(column -> titles.add(column.unit()));
    text.append(row(titles))
        .append(
            row(titles.stream().map(title -> titles.get(0) == title ? "---" : "---:").toList()));
    var baseline = spread(scenario.sides().get(0), primary).median();
    double widest = 0;
    for (var side : outcome.samples().keySet()) {
      var main = spread(side, primary);
      widest = Math.max(widest, main.halfRange());
      var cells =
          new ArrayList<>(
              List.of(side.label(), cell(primary, main), ratio(main.median() / baseline)));
      columns.forEach(column -> cells.add(column.format(spread(side, column).median())));
      text.append(row(cells));
    }
    return text.append('\n')
        .append(Noise.verdict(outcome.machine(), widest))
        .append("\n")
        .append(outcome.failed())
        .toString();
  }

  private boolean isWorthAColumn(Metric metric) {
    var values =
        outcome.samples().values().stream()
            .flatMap(List::stream)
            .map(Sample::values)
            .filter(sample -> sample.containsKey(metric))
            .map(sample -> sample.getOrDefault(metric, 0.0))
            .toList();
    boolean onlyNoErrors = metric == Metric.ERRORS && values.stream().allMatch(value -> value == 0);
    return !values.isEmpty() && !onlyNoErrors;
  }

  private Spread spread(Side side, Metric metric) {
    return Spread.of(
        outcome.samples().getOrDefault(side, List.of()).stream()
            .map(sample -> sample.values().getOrDefault(metric, 0.0))
            .toList());
  }

  private static String cell(Metric metric, Spread spread) {
    return metric.format(spread.median())
        + String.format(Locale.ROOT, " ±%.0f %%", spread.halfRange() * 100);
  }

  private static String ratio(double ratio) {
    return Double.isNaN(ratio) ? "–" : String.format(Locale.ROOT, "%.2f", ratio);
  }

  private static String row(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }
}
