// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A running frp program with a folder of its own; closing it ends the process and removes the
 * folder.
 */
public final class FrpProcess implements AutoCloseable {

  private final Path folder;
  private final Path log;
  private final ProcessBuilder command;
  private Process process;

  private FrpProcess(Path folder, Path log, ProcessBuilder command, Process process) {
    this.folder = folder;
    this.log = log;
    this.command = command;
    this.process = process;
  }

  static FrpProcess start(Path program, String toml) {
    try {
      var folder = Files.createTempDirectory("harp-interop-");
      Files.writeString(folder.resolve("config.toml"), toml);
      return start(program, folder, folder, "config.toml", Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static FrpProcess start(
      Path program, Path workingFolder, String configFile, Map<String, String> environment) {
    try {
      var folder = Files.createTempDirectory("harp-interop-");
      return start(program, folder, workingFolder, configFile, environment);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FrpProcess start(
      Path program,
      Path folder,
      Path workingFolder,
      String configFile,
      Map<String, String> environment)
      throws IOException {
    var log = folder.resolve("log");
    var command =
        new ProcessBuilder(program.toString(), "-c", configFile)
            .directory(workingFolder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    command.environment().remove("http_proxy");
    command.environment().putAll(environment);
    return new FrpProcess(folder, log, command, command.start());
  }

  /** What it has printed so far. */
  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until the program has printed this. */
  public FrpProcess awaitLog(String text) {
    await("log with: " + text)
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(() -> assertThat(log()).contains(text));
    return this;
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it the hard way, as a crash or an OOM killer would. */
  public void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** Starts it again with the same configuration, after {@link #kill}. */
  public void restart() {
    try {
      process = command.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    kill();
    try (var files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(FrpProcess::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitEnd() {
    try {
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("ended").isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
