// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A server, a user and a worker that are far from each other, the latter two behind routers: {@code
 * interop/wan/lab}, until it is closed. What was started on them ends with it.
 */
final class FarHosts implements AutoCloseable {

  static final String SERVER_ADDRESS = "203.0.113.1";

  /** How the lab says that this machine has not what it needs. */
  private static final int UNAVAILABLE = 69;

  private static final Path FOLDER =
      Path.of(System.getProperty("harp.root", ".."), "interop", "wan").toAbsolutePath();
  private static final String READY = "WAN_READY";

  private final Process lab;
  private final Map<String, String> names = new HashMap<>();

  private FarHosts(Process lab) {
    this.lab = lab;
  }

  /** Makes them; skips the test, in the lab's words, where there can be none. */
  static FarHosts make(String... options) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(FOLDER.resolve("lab").toString()));
    command.addAll(List.of(options));
    // Ends when this process does, however that ends.
    command.addAll(List.of("--", "sh", "-c", "env | grep ^WAN_; echo " + READY + "=; cat"));
    var lab = new ProcessBuilder(command).redirectErrorStream(true).start();
    var hosts = new FarHosts(lab);
    var said = new StringBuilder();
    var lines = new BufferedReader(new InputStreamReader(lab.getInputStream(), UTF_8));
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      said.append(line).append('\n');
      var equals = line.indexOf('=');
      if (line.startsWith(READY)) {
        return hosts;
      }
      if (equals > 0) {
        hosts.names.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    assumeFalse(lab.waitFor() == UNAVAILABLE, "no far hosts here: " + said);
    throw new IOException(said.toString());
  }

  /** The lab's generator of traffic. */
  static String traffic() {
    return FOLDER.resolve("bin/traffic").toString();
  }

  /** Starts a program on a host; its output goes to a file. */
  Process start(String host, Path output, Map<String, String> environment, String... command)
      throws IOException {
    var all = new ArrayList<>(List.of("ip", "netns", "exec", name(host)));
    all.addAll(List.of(command));
    var builder = new ProcessBuilder(all).directory(output.getParent().toFile());
    builder.environment().putAll(environment);
    return builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
  }

  /** Changes how the router before a host translates addresses. */
  void translate(String host, String kind) throws IOException, InterruptedException {
    var router = name(host + "_nat");
    var nat =
        new ProcessBuilder(FOLDER.resolve("nat").toString(), router, kind)
            .redirectErrorStream(true)
            .start();
    var said = new String(nat.getInputStream().readAllBytes(), UTF_8);
    assertThat(nat.waitFor()).as(said).isZero();
  }

  /** What a process's host has sent over its line until now. */
  static long sentBytes(Process process) throws IOException {
    var line =
        Files.readAllLines(Path.of("/proc/" + process.pid() + "/net/dev")).stream()
            .filter(each -> each.strip().startsWith("wan0:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.strip().substring("wan0:".length()).strip().split("\\s+")[8]);
  }

  private String name(String host) {
    return names.get("WAN_" + host.toUpperCase(Locale.ROOT));
  }

  @Override
  public void close() throws IOException, InterruptedException {
    lab.getOutputStream().close();
    if (!lab.waitFor(30, TimeUnit.SECONDS)) {
      lab.destroy();
    }
  }
}
