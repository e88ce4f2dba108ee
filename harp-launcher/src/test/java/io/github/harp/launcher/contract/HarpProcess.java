// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.testing.UnusedPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The runnable JAR as a process of its own, with the original's environment variables. */
final class HarpProcess implements AutoCloseable {

  private static final Duration START = Duration.ofSeconds(90);

  private final Process process;

  /** All that it writes. */
  private final Path folder;

  private HarpProcess(Process process, Path folder) {
    this.process = process;
    this.folder = folder;
  }

  /**
   * Starts it; returns at once. Nothing of this process's environment is passed on. Its
   * certificates go with it, unless the variables say where else they are.
   */
  static HarpProcess start(Map<String, String> environment) {
    return start(List.of(), environment);
  }

  /**
   * @param within a command that becomes the one that it is given
   */
  static HarpProcess start(List<String> within, Map<String, String> environment) {
    try {
      var jar = Path.of(System.getProperty("harp.jar", "target/harp.jar"));
      assertThat(jar).as("the runnable JAR, built by 'package'").exists();
      var folder = Files.createTempDirectory("harp");
      var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
      // With all signals at their default: what nohup or a shell starts inherits ignored ones.
      var command = new ArrayList<>(List.of("env", "--default-signal"));
      command.addAll(within);
      command.addAll(
          List.of(java, "-Xmx128m", "-Djava.io.tmpdir=" + folder, "-jar", jar.toString(), "serve"));
      var builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile());
      builder.environment().clear();
      builder.environment().put("HP_CERTS_DIR", folder.resolve("certs").toString());
      builder.environment().putAll(environment);
      return new HarpProcess(builder.start(), folder);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Waits until somebody listens on a port. */
  HarpProcess awaitListening(int port) {
    Awaitility.await()
        .atMost(START)
        .until(
            () -> {
              assertThat(process.isAlive()).as(output()).isTrue();
              return isListening(port);
            });
    return this;
  }

  /** Where its certificates are. */
  Path certificates() {
    return folder.resolve("certs");
  }

  long pid() {
    return process.pid();
  }

  /** Asks it to end, as a container engine does. */
  void terminate() {
    process.destroy();
  }

  /** Sends SIGHUP, as an administrator does after a new certificate. */
  void hangUp() throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-HUP", "" + process.pid()).start().waitFor();
  }

  /** Waits for its end; the exit code. */
  int awaitExit() throws InterruptedException {
    assertThat(process.waitFor(START.toSeconds(), TimeUnit.SECONDS)).as(output()).isTrue();
    return process.exitValue();
  }

  /** What it wrote so far. */
  String output() {
    try {
      return Files.readString(folder.resolve("log"));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      try (var files = Files.walk(folder)) {
        for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** A port that nobody listens on. */
  static int freePort() {
    return UnusedPort.find();
  }

  private static boolean isListening(int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
      return true;
    } catch (IOException refused) {
      return false;
    }
  }
}
