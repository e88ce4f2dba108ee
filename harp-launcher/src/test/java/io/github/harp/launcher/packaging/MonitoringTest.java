// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.harp.core.HarpException;
import io.github.harp.core.decision.Reason;
import io.github.harp.proxy.RequestRecord.Failure;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** Alerts and dashboard ask for what there is; what is documented is what is measured. */
class MonitoringTest {

  private static final Path ROOT = Path.of(System.getProperty("harp.root", ".."));
  private static final Path FOLDER = ROOT.resolve("packaging/monitoring");
  private static final Path PROMTOOL = Path.of("/usr/bin/promtool");

  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(harp_\\w+)` \\| (\\w+) \\| ([^|]*?) ?\\|");
  private static final Pattern NAME = Pattern.compile("\\b(?:harp|jvm|process)_\\w+");
  private static final Pattern SELECTED = Pattern.compile("(\\w+)(?:=|=~)\"([^\"]*)\"");

  /** Of the scrape itself, and Micrometer's. */
  private static final Set<String> OTHERS = Set.of("jvm_memory_used_bytes");

  private static final Set<String> OF_PROMETHEUS = Set.of("instance", "job", "quantile", "le");

  private static final Map<String, Set<String>> VALUES =
      Map.of(
          "reason", names(Reason.values()),
          "kind", names(Failure.Kind.values()),
          "outcome", names(HarpException.Code.values()),
          "decision", Set.of("forward", "control", "engine", "refuse", "drop", "none"),
          "status", Set.of("2xx", "3xx", "4xx", "5xx", "none"),
          "list", Set.of("users", "orders", "tunnels", "sites"),
          "result", Set.of("hit", "miss"));

  @Test
  void nothingIsAskedForThatIsNotMeasured() throws IOException {
    var measured = new HashSet<>(OTHERS);
    ROW.matcher(Files.readString(ROOT.resolve("docs/operations.md")))
        .results()
        .forEach(row -> measured.addAll(series(row.group(1), row.group(2))));

    for (var expression : expressions()) {
      assertThat(NAME.matcher(expression).results().map(it -> it.group()))
          .as(expression)
          .isSubsetOf(measured);
    }
  }

  @Test
  void noLabelHasAValueThatItNeverHas() throws IOException {
    var labels = new HashSet<>(OF_PROMETHEUS);
    ROW.matcher(Files.readString(ROOT.resolve("docs/operations.md")))
        .results()
        .forEach(row -> labels.addAll(List.of(row.group(3).replaceAll("[`,]", "").split(" "))));

    for (var expression : expressions()) {
      SELECTED
          .matcher(expression)
          .results()
          .forEach(
              selected -> {
                assertThat(labels).as(expression).contains(selected.group(1));
                var values = VALUES.get(selected.group(1));
                if (values != null) {
                  assertThat(values).as(expression).contains(selected.group(2).split("\\|"));
                }
              });
    }
  }

  @Test
  void everyAlertSaysHowBadItIsAndWhatToDo() throws IOException {
    assertThat(alerts())
        .hasSizeGreaterThan(5)
        .allSatisfy(
            rule -> {
              assertThat(rule).containsKeys("alert", "expr", "labels", "annotations");
              assertThat(rule.get("labels").toString()).containsPattern("critical|warning");
              assertThat(rule.get("annotations").toString()).contains("summary=", "description=");
            });
  }

  @Test
  void everyPanelHasATitleAndAPlaceOfItsOwn() throws IOException {
    var panels = panels();

    assertThat(panels).extracting(it -> it.getString("title")).doesNotHaveDuplicates();
    assertThat(panels).extracting(it -> it.getJsonObject("gridPos")).doesNotHaveDuplicates();
    assertThat(panels).extracting(it -> it.getInteger("id")).doesNotHaveDuplicates();
  }

  @Test
  void prometheusUnderstandsAllOfIt(@TempDir Path folder) throws Exception {
    assumeTrue(Files.isExecutable(PROMTOOL), "promtool is not installed");
    var rules = new ArrayList<Map<String, String>>();
    for (var expression : dashboard()) {
      rules.add(
          Map.of(
              "record",
              "panel:" + rules.size(),
              "expr",
              expression.replace("$__rate_interval", "5m").replace("$instance", ".*")));
    }
    var file = folder.resolve("dashboard.yaml");
    Files.writeString(
        file, new Yaml().dump(Map.of("groups", List.of(Map.of("name", "it", "rules", rules)))));

    for (var checked : List.of(FOLDER.resolve("alerts.yaml"), file)) {
      var promtool =
          new ProcessBuilder(PROMTOOL.toString(), "check", "rules", checked.toString())
              .redirectErrorStream(true)
              .start();
      var said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(promtool.waitFor()).as(said).isZero();
    }
  }

  private static List<String> expressions() throws IOException {
    var all = new ArrayList<>(dashboard());
    alerts().forEach(rule -> all.add(rule.get("expr").toString()));
    return all;
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> alerts() throws IOException {
    Map<String, List<Map<String, Object>>> file =
        new Yaml().load(Files.readString(FOLDER.resolve("alerts.yaml")));
    return file.get("groups").stream()
        .flatMap(group -> ((List<Map<String, Object>>) group.get("rules")).stream())
        .toList();
  }

  private static List<JsonObject> panels() throws IOException {
    return objects(
            new JsonObject(Files.readString(FOLDER.resolve("grafana.json"))).getJsonArray("panels"))
        .toList();
  }

  private static List<String> dashboard() throws IOException {
    return panels().stream()
        .flatMap(panel -> objects(panel.getJsonArray("targets")))
        .map(target -> target.getString("expr"))
        .toList();
  }

  private static Stream<JsonObject> objects(JsonArray array) {
    return array.stream().map(JsonObject.class::cast);
  }

  /** What Prometheus makes of a metric. */
  private static List<String> series(String name, String type) {
    return switch (type) {
      case "histogram" -> List.of(name + "_bucket", name + "_count", name + "_sum");
      case "summary" -> List.of(name, name + "_count", name + "_sum");
      default -> List.of(name);
    };
  }

  private static Set<String> names(Object... values) {
    return Arrays.stream(values).map(Object::toString).collect(Collectors.toSet());
  }
}
