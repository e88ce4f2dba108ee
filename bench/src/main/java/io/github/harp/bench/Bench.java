// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench;

import io.github.harp.bench.attack.Besieged;
import io.github.harp.bench.far.FarScenarios;
import io.github.harp.bench.far.FarSettings;
import io.github.harp.bench.peers.Lab;
import io.github.harp.bench.peers.harp.HarpVariant;
import io.github.harp.bench.process.Toolbox;
import io.github.harp.bench.report.FlightSummary;
import io.github.harp.bench.report.LabelTable;
import io.github.harp.bench.report.MarkdownTable;
import io.github.harp.bench.report.Surroundings;
import io.github.harp.bench.scenario.Comparison;
import io.github.harp.bench.scenario.Plan;
import io.github.harp.bench.scenario.Scenario;
import io.github.harp.bench.scenario.Scenarios;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The harness's command line; {@code bench/run} builds and calls it. */
@Command(
    name = "bench/run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Compares HaRP with HAProxy, nginx and frp on loopback, in one run, and prints Markdown"
            + " tables.")
public final class Bench implements Callable<Integer> {
  @Option(names = "--list", description = "Name the scenarios and the systems, start nothing.")
  private boolean list;

  @Option(
      names = "--scenario",
      split = ",",
      description =
          "Only these; default: all but wan-*, which need root. A prefix followed by * selects"
              + " several.")
  private List<String> scenarios = List.of();

  @Option(
      names = "--only",
      split = ",",
      description = "Only these systems, for example harp or haproxy,harp.")
  private List<String> only = List.of();

  @Option(
      names = "--quick",
      description = "2 rounds of 2 s: does everything work? Not for numbers.")
  private boolean quick;

  @Option(
      names = "--attack",
      split = ",",
      paramLabel = "KIND",
      description =
          "Compare nothing: attack HaRP as packaged with 128 MB of heap in these ways, one after"
              + " the other ('all'; a+b at once), and see whether others are served within a"
              + " second. Names with --list.")
  private List<String> attacks = List.of();

  @Option(names = "--seconds", description = "Of one attack; default: ${DEFAULT-VALUE}.")
  private int attackSeconds = 4;

  @Option(names = "--rounds", description = "Runs of each system; default: ${DEFAULT-VALUE}.")
  private int rounds = 5;

  @Option(names = "--duration", description = "Seconds of one run; default: ${DEFAULT-VALUE}.")
  private int duration = 5;

  @Option(
      names = "--warm-up",
      description = "Seconds before the first run; default: ${DEFAULT-VALUE}.")
  private int warmUp = 10;

  @Option(
      names = "--profile",
      description = "Record every HaRP with JFR and print a summary; not for numbers.")
  private boolean profile;

  @Option(names = "--output", description = "Also write the report to this file.")
  private Path output = Path.of("bench/results/latest.md");

  @Option(names = "--frp", description = "Folder with frps and frpc; default: ${DEFAULT-VALUE}.")
  private Path frp = Path.of("interop/bin/0.61.1");

  @Option(names = "--keep", description = "Leave configurations and logs behind, and say where.")
  private boolean keep;

  @Option(names = "--commit", hidden = true)
  private String commit = "unknown";

  @CommandLine.Mixin private HarpOptions harp = new HarpOptions();

  @CommandLine.Mixin private FarSettings far = new FarSettings();

  /** Exit codes: 0 done, 1 a comparison could not be made, 2 wrong options. */
  public static void main(String[] arguments) {
    var command = new CommandLine(new Bench());
    command.setExecutionExceptionHandler(
        (failure, line, result) -> {
          if (Thread.interrupted()) {
            System.err.println("bench: stopped");
          } else if (failure instanceof BenchException) {
            System.err.println("bench: " + failure.getMessage());
          } else {
            failure.printStackTrace();
          }
          return 1;
        });
    System.exit(command.execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    if (!attacks.isEmpty()) {
      return attack();
    }
    var tools = Toolbox.find(frp.toAbsolutePath());
    var plan = plan();
    try (@SuppressWarnings("unused")
            var exit = new OrderlyExit();
        var lab = new Lab(tools, keep)) {
      if (keep) {
        System.err.println("bench: configurations and logs are in " + lab.folder());
      }
      var recordings = new TreeMap<String, Path>();
      var harps = harps(lab, recordings);
      harps.forEach(lab::add);
      harp.onIoUring().ifPresent(variant -> lab.add(Lab.ON_IO_URING, variant));
      var all = new ArrayList<>(Scenarios.of(lab, harps));
      // As users have it, since what it costs while nothing passes it counts here.
      var usual = harps.getOrDefault("packaged", harps.get("harp"));
      if (usual != null) {
        all.addAll(FarScenarios.of(lab, usual, far));
      }
      var chosen = chosen(all);
      if (list) {
        chosen.forEach(scenario -> System.out.println(line(scenario)));
        System.out.println("attacks: " + String.join(" ", Besieged.names()));
        return 0;
      }
      var report = new StringBuilder(Surroundings.describe(tools, harps, plan, commit));
      var comparison = new Comparison(plan, System.err::println);
      boolean failed = false;
      for (var scenario : chosen) {
        var outcome = comparison.run(scenario);
        var section =
            scenario.isByLabel()
                ? new LabelTable(outcome).render()
                : new MarkdownTable(outcome).render();
        System.out.println(section);
        failed |= !outcome.failures().isEmpty();
        report.append('\n').append(section);
        lab.retire();
      }
      recordings.forEach(
          (name, file) -> System.out.println(name + "\n\n" + FlightSummary.of(file)));
      write(report.toString());
      return failed ? 1 : 0;
    }
  }

  private int attack() {
    var packaged = harp.variants().get("packaged");
    if (packaged == null) {
      throw new BenchException(
          harp.launcher() + " is not there; build it or name it with --launcher");
    }
    if (list) {
      Besieged.names().forEach(System.out::println);
      return 0;
    }
    try (@SuppressWarnings("unused")
            var exit = new OrderlyExit();
        var lab = new Lab(Toolbox.findWithoutPeers(frp.toAbsolutePath()), keep)) {
      if (keep) {
        System.err.println("bench: configurations and logs are in " + lab.folder());
      }
      boolean endured =
          Besieged.endures(
              lab,
              packaged.with("-Xmx128m"),
              attacks,
              Duration.ofSeconds(attackSeconds),
              System.out::println);
      return endured ? 0 : 1;
    }
  }

  private Plan plan() {
    return quick
        ? new Plan(Duration.ofSeconds(2), Duration.ofSeconds(2), 2)
        : new Plan(Duration.ofSeconds(warmUp), Duration.ofSeconds(duration), rounds);
  }

  private Map<String, HarpVariant> harps(Lab lab, Map<String, Path> recordings) {
    var variants = harp.variants();
    if (variants.isEmpty()) {
      System.err.println(
          "bench: HaRP is left out: there is no "
              + harp.launcher()
              + "; build it or name it with --launcher");
    }
    if (profile) {
      variants.replaceAll(
          (name, variant) -> {
            var file = lab.folder().resolve(name + ".jfr");
            recordings.put(name, file);
            return variant.with(
                "-XX:StartFlightRecording=settings=profile,dumponexit=true,filename=" + file);
          });
    }
    return variants;
  }

  private List<Scenario> chosen(List<Scenario> all) {
    var chosen =
        all.stream()
            .filter(
                scenario ->
                    scenarios.isEmpty() && !scenario.name().startsWith(FarScenarios.PREFIX)
                        || scenarios.stream().anyMatch(pattern -> matches(pattern, scenario)))
            .map(scenario -> only.isEmpty() ? scenario : scenario.only(only))
            .filter(scenario -> !scenario.sides().isEmpty())
            .toList();
    if (chosen.isEmpty()) {
      throw new BenchException(
          "no scenario is left: --scenario "
              + scenarios
              + " --only "
              + only
              + "; bench/run --list names all");
    }
    return chosen;
  }

  private static boolean matches(String pattern, Scenario scenario) {
    return pattern.endsWith("*")
        ? scenario.name().startsWith(pattern.substring(0, pattern.length() - 1))
        : scenario.name().equals(pattern);
  }

  private static String line(Scenario scenario) {
    var systems = scenario.sides().stream().map(side -> side.system()).distinct().toList();
    return "%-22s %s %s".formatted(scenario.name(), scenario.title(), systems);
  }

  private void write(String report) throws IOException {
    var folder = output.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.writeString(output, report);
    System.err.println("bench: the report is in " + output);
  }
}
