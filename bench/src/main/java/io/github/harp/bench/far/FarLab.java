// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.far;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.peers.Lab;
import io.github.harp.bench.process.Daemon;
import io.github.harp.bench.process.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code interop/wan/lab} while it stands: starts programs on its hosts, sends traffic between
 * them. What was started on its hosts ends with it, at the latest.
 */
final class FarLab implements AutoCloseable {
  private static final Path FOLDER = Path.of("interop", "wan").toAbsolutePath();
  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Duration FIRST_ANSWER_LIMIT = Duration.ofSeconds(10);

  /** For what every program may take to begin and to end. */
  private static final Duration MARGIN = Duration.ofSeconds(20);

  private static final String READY = "WAN_READY";

  private final Lab lab;
  private final Tool ip = Tool.require("ip", "iproute2", "-V");
  private final Duration limit;
  private final Path folder;
  private final Daemon daemon;
  private final Map<String, String> names;
  private final List<Daemon> programs = new ArrayList<>();

  /**
   * Makes it.
   *
   * @param limit of each transfer
   * @param options of {@code interop/wan/lab}
   */
  FarLab(Lab lab, Duration limit, List<String> options) {
    this.lab = lab;
    this.limit = limit;
    folder = lab.freshFolder("far");
    var command = new ArrayList<>(List.of(FOLDER.resolve("lab").toString()));
    command.addAll(options);
    command.addAll(List.of("--report", folder.resolve("lines").toString()));
    // Its standard input ends when the harness does, however that ends.
    command.addAll(List.of("--", "sh", "-c", "env | grep ^WAN_; echo " + READY + "; cat"));
    daemon = Daemon.start("lab", folder, command, Map.of()).awaitLog(READY);
    names =
        daemon
            .log()
            .lines()
            .filter(line -> line.contains("="))
            .collect(
                Collectors.toMap(
                    line -> line.substring(0, line.indexOf('=')),
                    line -> line.substring(line.indexOf('=') + 1)));
  }

  /** Where configurations and logs are. */
  Path folder() {
    return folder;
  }

  Path write(String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new BenchException(name + " cannot be written to " + folder, e);
    }
  }

  /** Starts a program on a host, until the lab is closed. */
  Daemon start(Host host, String name, Map<String, String> environment, List<String> command) {
    var daemon = Daemon.start(name, folder, on(host, command), environment);
    programs.add(daemon);
    return daemon;
  }

  /** Starts one end of the lab's own traffic, which serves. */
  void serve(Host host, int port) {
    start(host, "serve-" + port, Map.of(), List.of(traffic(), "serve", ":" + port));
    awaitAnswer(host, "http://127.0.0.1:" + port + "/small");
  }

  /** Asks from a host until there is an answer. */
  void awaitAnswer(Host host, String url) {
    var end = System.nanoTime() + START_LIMIT.toNanos();
    while (true) {
      var said = run(host, FIRST_ANSWER_LIMIT, "get", url);
      if (said.startsWith("bytes ")) {
        return;
      }
      if (System.nanoTime() > end || Thread.currentThread().isInterrupted()) {
        throw new BenchException(url + " was not served: " + said);
      }
    }
  }

  /** Sends traffic from a host; what it found, by its names. */
  Map<String, Double> traffic(Host host, String... arguments) {
    var said = run(host, limit, arguments);
    var values = new HashMap<String, Double>();
    said.lines()
        .map(line -> line.split(" "))
        .filter(words -> words.length == 2 && words[1].matches("[0-9.]+"))
        .forEach(words -> values.put(words[0], Double.parseDouble(words[1])));
    if (!values.containsKey("seconds") || values.getOrDefault("errors", 0.0) > 0) {
      throw new BenchException("traffic " + String.join(" ", arguments) + " failed: " + said);
    }
    return values;
  }

  /** What a host has sent over its line until now. */
  long sentBytes(Host host) {
    var counters = ip.run(MARGIN, on(host, List.of("cat", "/proc/net/dev")).subList(1, 6)).lines();
    var line = counters.filter(each -> each.strip().startsWith("wan0:")).findFirst();
    return Long.parseLong(line.orElseThrow().replaceAll(".*:\\s*", "").split("\\s+")[8]);
  }

  /** Changes how the router before a host translates addresses. */
  void translate(Host host, String kind) {
    var nat = new Tool(FOLDER.resolve("nat"), "");
    var said = nat.run(MARGIN, List.of(names.getOrDefault(variable(host) + "_NAT", ""), kind));
    if (!said.isBlank()) {
      throw new BenchException("the router of " + host + " is not " + kind + ": " + said);
    }
  }

  @Override
  public void close() {
    // Backwards, so that clients end before what they are connected to.
    for (int i = programs.size() - 1; i >= 0; i--) {
      programs.get(i).close();
    }
    daemon.close();
  }

  private String run(Host host, Duration within, String... arguments) {
    var program = Stream.of("env", "WAN_LIMIT=" + within.toSeconds() + "s", traffic());
    var command = Stream.concat(program, Stream.of(arguments)).toList();
    return ip.run(within.plus(MARGIN), on(host, command).subList(1, command.size() + 4));
  }

  private List<String> on(Host host, List<String> command) {
    var name = names.getOrDefault(variable(host), "");
    var prefix = Stream.of(ip.path().toString(), "netns", "exec", name);
    return Stream.concat(prefix, command.stream()).toList();
  }

  private static String variable(Host host) {
    return "WAN_" + host.name();
  }

  private static String traffic() {
    return FOLDER.resolve("bin").resolve("traffic").toString();
  }
}
