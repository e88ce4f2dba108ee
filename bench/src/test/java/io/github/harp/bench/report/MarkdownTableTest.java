// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.load.Metric;
import io.github.harp.bench.load.Sample;
import io.github.harp.bench.process.MachineLoad;
import io.github.harp.bench.scenario.Comparison;
import io.github.harp.bench.scenario.Outcome;
import io.github.harp.bench.scenario.Plan;
import io.github.harp.bench.scenario.Scenario;
import io.github.harp.bench.scenario.Side;
import io.github.harp.bench.scenario.Trial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MarkdownTableTest {
  private final List<String> order = new ArrayList<>();

  @Test
  void ratiosAreToTheFirstSystem() {
    var text = new MarkdownTable(compare(side("first", 1000, 0), side("second", 1500, 0))).render();

    assertThat(text)
        .contains("| system | requests/s | ratio |")
        .contains("| first | 1,000 ±0 % | 1.00 |")
        .contains("| second | 1,500 ±0 % | 1.50 |");
  }

  @Test
  void errorsGetAColumnAsSoonAsThereIsOne() {
    assertThat(new MarkdownTable(compare(side("first", 1000, 0))).render())
        .doesNotContain("errors");
    assertThat(new MarkdownTable(compare(side("first", 1000, 3))).render()).contains("errors");
  }

  @Test
  void systemsAreMeasuredAlternately() {
    compare(side("a", 1, 0), side("b", 1, 0));

    assertThat(order).containsExactly("a", "b", "a", "b", "a", "b");
  }

  @Test
  void aSideThatFailsIsNamedAndHoldsUpNobody() {
    var broken = new Side("broken", "broken", new BrokenTrial());

    var text = new MarkdownTable(compare(broken, side("other", 1500, 0))).render();

    assertThat(text).contains("| other | 1,500 ±0 % | – |").doesNotContain("| broken");
    assertThat(text).contains("**Failed:** broken: it ended");
    assertThat(order).containsExactly("other", "other", "other");
  }

  private static final class BrokenTrial implements Trial {
    @Override
    public void warmUp(Duration duration) {}

    @Override
    public Sample run(Duration duration) {
      throw new BenchException("it ended");
    }
  }

  private static Outcome compare(Side... sides) {
    var scenario = new Scenario("name", "title", Metric.REQUESTS, "", List.of(sides));
    var plan = new Plan(Duration.ZERO, Duration.ZERO, 3);
    var outcome = new Comparison(plan, line -> {}).run(scenario);
    return new Outcome(
        scenario, outcome.samples(), List.of(new MachineLoad(1, 0, 0, 0)), outcome.failures());
  }

  private Side side(String name, double requests, double errors) {
    return new Side(
        name,
        name,
        new Trial() {
          @Override
          public void warmUp(Duration duration) {}

          @Override
          public Sample run(Duration duration) {
            order.add(name);
            return new Sample(1, 0, Map.of(Metric.REQUESTS, requests, Metric.ERRORS, errors));
          }
        });
  }
}
