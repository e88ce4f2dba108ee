// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Machines of their own for programs of a test, as network namespaces: all are joined by one
 * switch, this machine too, and what passes between two of them can be cut. Made as root.
 */
final class Machines implements AutoCloseable {

  private static final Pattern NAME = Pattern.compile("^(h([0-9a-z]+)-\\d+-\\S+)");
  private static final AtomicInteger MADE = new AtomicInteger();

  /** In names of interfaces, which have fifteen characters at most. */
  private final String prefix =
      "h" + Long.toString(ProcessHandle.current().pid(), 36) + "-" + MADE.incrementAndGet();

  private final String network = freeNetwork();
  private final List<String> namespaces = new CopyOnWriteArrayList<>();
  private final List<String> cuts = new ArrayList<>();

  /** One of them. */
  record Machine(String namespace, String address) {

    /** What a command begins with that is to run on it. */
    List<String> command() {
      return List.of("ip", "netns", "exec", namespace);
    }
  }

  Machines() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::remove, "machines"));
    removeThoseOfTheDead();
    // Apart from this machine, whose packet filter may have rules for what passes through.
    namespace("switch");
    run("ip", "-n", the("switch"), "link", "add", "name", "hub", "type", "bridge");
    run("ip", "-n", the("switch"), "link", "set", "hub", "up");
    run("ip", "link", "add", prefix, "type", "veth", "peer", "name", "p1", "netns", the("switch"));
    plugIn("p1");
    run("ip", "address", "add", here() + "/24", "dev", prefix);
    run("ip", "link", "set", prefix, "up");
  }

  /** This machine, as the others see it. */
  String here() {
    return network + ".1";
  }

  Machine add(String name) {
    namespace(name);
    var address = network + "." + namespaces.size();
    var port = "p" + namespaces.size();
    run(
        "ip",
        "-n",
        the(name),
        "link",
        "add",
        "eth0",
        "type",
        "veth",
        "peer",
        "name",
        port,
        "netns",
        the("switch"));
    plugIn(port);
    run("ip", "-n", the(name), "address", "add", address + "/24", "dev", "eth0");
    run("ip", "-n", the(name), "link", "set", "eth0", "up");
    return new Machine(the(name), address);
  }

  /** From now on nothing passes between these two, and neither is told. */
  void cut(Machine one, Machine other) {
    cuts.add("ip saddr %s ip daddr %s drop".formatted(one.address(), other.address()));
    cuts.add("ip saddr %s ip daddr %s drop".formatted(other.address(), one.address()));
    filter();
  }

  /** All that was cut. */
  void mend() {
    cuts.clear();
    filter();
  }

  private void filter() {
    var rules =
        """
        table bridge cut
        delete table bridge cut
        table bridge cut {
          chain passing {
            type filter hook forward priority 0
            %s
          }
        }
        """
            .formatted(cuts.stream().collect(Collectors.joining("\n    ")));
    feed(rules, "ip", "netns", "exec", the("switch"), "nft", "-f", "-");
  }

  private String the(String name) {
    return prefix + "-" + name;
  }

  private void namespace(String name) {
    run("ip", "netns", "add", the(name));
    namespaces.add(the(name));
    run("ip", "-n", the(name), "link", "set", "lo", "up");
  }

  private void plugIn(String port) {
    run("ip", "-n", the("switch"), "link", "set", port, "master", "hub", "up");
  }

  /** Beside those of the cluster that other tests have. */
  private static String freeNetwork() {
    try {
      var taken =
          NetworkInterface.networkInterfaces()
              .flatMap(NetworkInterface::inetAddresses)
              .map(address -> address.getHostAddress())
              .toList();
      return IntStream.range(0, 250)
          .mapToObj(number -> "10.99." + (number + ProcessHandle.current().pid()) % 250)
          .filter(network -> !taken.contains(network + ".1"))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void run(String... command) {
    feed("", command);
  }

  private static String feed(String input, String... command) {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (var in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      }
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as("%s: %s", List.of(command), said).isZero();
      return said;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Whoever is killed leaves some behind. */
  private static void removeThoseOfTheDead() {
    for (var line : feed("", "ip", "netns", "list").lines().toList()) {
      var name = NAME.matcher(line);
      if (name.find() && ProcessHandle.of(Long.parseLong(name.group(2), 36)).isEmpty()) {
        remove(name.group(1));
      }
    }
  }

  private static void remove(String namespace) {
    for (var pid : feed("", "ip", "netns", "pids", namespace).lines().toList()) {
      ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
    }
    run("ip", "netns", "delete", namespace);
  }

  private void remove() {
    while (!namespaces.isEmpty()) {
      remove(namespaces.remove(0));
    }
  }

  /** With all that still runs there. */
  @Override
  public void close() {
    remove();
  }
}
