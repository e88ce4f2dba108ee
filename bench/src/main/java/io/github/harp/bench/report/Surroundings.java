// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.report;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.peers.harp.HarpVariant;
import io.github.harp.bench.process.Toolbox;
import io.github.harp.bench.scenario.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;

/** The machine, the versions and the plan, as a Markdown list for the top of a report. */
public final class Surroundings {
  private Surroundings() {}

  /**
   * The list.
   *
   * @param commit the commit that the harness was built from
   */
  public static String describe(
      Toolbox tools, Map<String, HarpVariant> harps, Plan plan, String commit) {
    var text = new StringBuilder();
    text.append("- ").append(LocalDate.now()).append(", commit ").append(commit).append('\n');
    text.append(
        "- machine: %d cores, %s, %d MiB of memory, Linux %s%n"
            .formatted(
                Runtime.getRuntime().availableProcessors(),
                firstValue("/proc/cpuinfo", "model name"),
                Long.parseLong(firstValue("/proc/meminfo", "MemTotal").replaceAll("\\D", ""))
                    / 1024,
                System.getProperty("os.version")));
    text.append(
        "- plan: %d s warm-up, then %d rounds of %d s for each system, alternately%n"
            .formatted(plan.warmUp().toSeconds(), plan.rounds(), plan.duration().toSeconds()));
    text.append(
        "- peers: %s; %s; frp %s%n"
            .formatted(tools.haproxy().version(), tools.nginx().version(), tools.frps().version()));
    text.append(
        "- load: %s; %s; %s; own generators on JDK %s%n"
            .formatted(
                tools.wrk().version(),
                tools.h2load().version(),
                tools.openssl().version(),
                System.getProperty("java.version")));
    new TreeMap<>(harps)
        .forEach(
            (name, harp) ->
                text.append("- ").append(name).append(": ").append(describe(harp)).append('\n'));
    return text.toString();
  }

  private static String describe(HarpVariant harp) {
    return "%s on JDK %d, JVM options: %s%s"
        .formatted(
            harp.script().orElse(harp.launcher()).getFileName(),
            harp.javaRelease(),
            harp.javaOptions().isEmpty() ? "none" : String.join(" ", harp.javaOptions()),
            harp.environment().isEmpty() ? "" : ", environment: " + harp.environment());
  }

  private static String firstValue(String file, String key) {
    try (var lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      throw new BenchException(file + " cannot be read: the harness needs Linux", e);
    }
  }
}
