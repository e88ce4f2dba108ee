// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The runnable JAR as a process of its own, with the original's environment variables. */
final class HarpProcess implements AutoCloseable {

  private static final Duration START = Duration.ofSeconds(90);

  private final Process process;
  private final Path output;

  private HarpProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** Starts it; returns at once. Nothing of this process's environment is passed on. */
  static HarpProcess start(Map<String, String> environment) {
    try {
      var jar = Path.of(System.getProperty("harp.jar", "target/harp.jar"));
      assertThat(jar).as("the runnable JAR, built by 'package'").exists();
      var output = Files.createTempFile("harp", ".log");
      var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
      var builder =
          // With all signals at their default: what nohup or a shell starts inherits ignored ones.
          new ProcessBuilder(
                  List.of(
                      "env", "--default-signal", java, "-Xmx128m", "-jar", jar.toString(), "serve"))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().clear();
      builder.environment().putAll(new HashMap<>(environment));
      return new HarpProcess(builder.start(), output);
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
      return Files.readString(output);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      Files.deleteIfExists(output);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** A port that nobody listens on. */
  static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
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
