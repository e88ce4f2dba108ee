// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A Docker engine on a host of its own, as far as the kernel can play one: a dockerd in its own
 * network and mount namespace, with its own images, behind one cable that can be cut. Takes root,
 * iproute2 and util-linux.
 */
final class RemoteEngine implements AutoCloseable {

  private static final Path SHARED_ENGINE = Path.of("/var/run/docker.sock");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String namespace = "harp" + ThreadLocalRandom.current().nextInt(100_000, 1_000_000);
  private final String cable = namespace + "c";
  private final int subnet = ThreadLocalRandom.current().nextInt(16_384);
  private final Path folder;
  private final Path socket;
  private final Thread atExit = new Thread(this::takeDown);
  private Process engine;

  private RemoteEngine(Path folder) {
    this.folder = folder;
    this.socket = folder.resolve("docker.sock");
  }

  /** Whether this process may do all that is needed. */
  static boolean isPossible() {
    return Files.isWritable(Path.of("/proc/sys/kernel/hostname"))
        && isProgram("ip", "-V")
        && isProgram("nsenter", "--version")
        && isProgram("unshare", "--version")
        && isProgram("dockerd", "--version");
  }

  /** A running engine that has an image of the one on this host. */
  static RemoteEngine start(String image) throws IOException {
    var remote = new RemoteEngine(Files.createTempDirectory("harp-remote"));
    Runtime.getRuntime().addShutdownHook(remote.atExit);
    try {
      remote.layCable();
      remote.startEngine(image);
      return remote;
    } catch (IOException | RuntimeException | AssertionError e) {
      remote.close();
      throw e;
    }
  }

  private void layCable() throws IOException {
    must("ip", "netns", "add", namespace);
    must("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", namespace);
    must("ip", "addr", "add", address(1) + "/30", "dev", cable);
    must("ip", "link", "set", cable, "up");
    must("ip", "-n", namespace, "addr", "add", address(2) + "/30", "dev", "eth0");
    must("ip", "-n", namespace, "link", "set", "eth0", "up");
    must("ip", "-n", namespace, "link", "set", "lo", "up");
  }

  private void startEngine(String image) throws IOException {
    engine =
        start(
            List.of(
                "unshare",
                "--mount",
                "--propagation",
                "slave",
                "nsenter",
                "--net=/run/netns/" + namespace,
                "dockerd",
                "--host",
                "unix://" + socket,
                "--data-root",
                folder.resolve("data").toString(),
                "--exec-root",
                folder.resolve("run").toString(),
                "--pidfile",
                folder.resolve("pid").toString()),
            Map.of(),
            "dockerd.log");
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(docker("version", "-f", "{{.Server.Version}}")).matches("[0-9.]+.*\n"));
    var archive = folder.resolve("image.tar").toString();
    must("docker", "-H", "unix://" + SHARED_ENGINE, "save", "-o", archive, image);
    must("docker", "-H", "unix://" + socket, "load", "-q", "-i", archive);
  }

  /** The address of this host at the cable. */
  String addressOfHarp() {
    return address(1);
  }

  private String address(int host) {
    var last = subnet * 4 + host;
    return "198.19." + (last >> 8 & 0xff) + "." + (last & 0xff);
  }

  /** A folder that goes with this engine. */
  Path folder(String name) {
    return folder.resolve(name);
  }

  Path socket() {
    return socket;
  }

  /** Starts a program on the engine's side of the cable. */
  Process run(List<String> command, Map<String, String> environment, Path where)
      throws IOException {
    var inside = new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + namespace));
    inside.addAll(command);
    var builder =
        new ProcessBuilder(inside)
            .directory(where.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(where.resolve("client.log").toFile()));
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** From now on nothing gets through, and nobody is told. */
  void cutCable() throws IOException {
    must("ip", "link", "set", cable, "down");
  }

  void mendCable() throws IOException {
    must("ip", "link", "set", cable, "up");
  }

  /** The engine takes connections and does nothing about them. */
  void freeze() throws IOException {
    must("kill", "-STOP", "" + engine.pid());
  }

  void thaw() throws IOException {
    must("kill", "-CONT", "" + engine.pid());
  }

  /** How many connections to its socket there are, waiting ones included. */
  long connections() throws IOException {
    try (var sockets = Files.lines(Path.of("/proc/" + engine.pid() + "/net/unix"))) {
      return sockets.filter(line -> line.endsWith(" " + socket)).count() - 1;
    }
  }

  /** What the engine's own command line says. */
  String docker(String... arguments) throws IOException {
    var command = new ArrayList<>(List.of("docker", "-H", "unix://" + socket));
    command.addAll(List.of(arguments));
    return output(command);
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(atExit);
    takeDown();
  }

  private void takeDown() {
    try {
      if (engine != null) {
        stopEngine();
      }
    } finally {
      // Takes the cable and what still runs at its end with it; each of them may be gone already.
      tryTo("ip", "link", "del", cable);
      tryTo("ip", "netns", "del", namespace);
      tryTo("rm", "-rf", folder.toString());
    }
  }

  private void stopEngine() {
    // Its containerd and what containerd has started.
    var all = engine.descendants().toList();
    try {
      thaw();
      for (var container : docker("ps", "-aq").split("\n")) {
        if (container.matches("[0-9a-f]+")) {
          docker("rm", "-f", container);
        }
      }
      engine.destroy();
      engine.waitFor(30, TimeUnit.SECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      engine.destroyForcibly();
      all.forEach(ProcessHandle::destroyForcibly);
    }
  }

  private Process start(List<String> command, Map<String, String> environment, String log)
      throws IOException {
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(log).toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static boolean isProgram(String... command) {
    try {
      output(List.of(command));
      return true;
    } catch (IOException notFound) {
      return false;
    }
  }

  private static void must(String... command) throws IOException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      assertThat(process.waitFor()).as(String.join(" ", command) + ": " + said).isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static void tryTo(String... command) {
    try {
      output(List.of(command));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String output(List<String> command) throws IOException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
