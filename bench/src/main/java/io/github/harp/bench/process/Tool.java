// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.process;

import io.github.harp.bench.BenchException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A program that must be on the machine; nothing is installed by the harness.
 *
 * @param path where it is
 * @param version what it says of itself, one line
 */
public record Tool(Path path, String version) {

  /** Finds a program on the search path or in the folders for administrators' programs. */
  public static Tool require(String name, String debianPackage, String... versionArguments) {
    var folders =
        Stream.concat(
            Arrays.stream(System.getenv("PATH").split(":")),
            Stream.of("/usr/sbin", "/usr/local/sbin", "/sbin"));
    return folders
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .map(path -> new Tool(path, firstLine(path, versionArguments)))
        .orElseThrow(
            () ->
                new BenchException(
                    name + " is not on this machine; install the Debian package " + debianPackage));
  }

  /** A program in a known place. */
  public static Optional<Tool> at(Path path, String... versionArguments) {
    return Files.isExecutable(path)
        ? Optional.of(new Tool(path, firstLine(path, versionArguments)))
        : Optional.empty();
  }

  /** Runs the program to its end and returns what it printed, or fails when it takes too long. */
  public String run(Duration limit, List<String> arguments) {
    return run(path, limit, arguments);
  }

  private static String firstLine(Path path, String... versionArguments) {
    var line = run(path, Duration.ofSeconds(10), List.of(versionArguments)).strip().lines();
    return line.findFirst().orElse("").strip();
  }

  private static String run(Path path, Duration limit, List<String> arguments) {
    var command = Stream.concat(Stream.of(path.toString()), arguments.stream()).toList();
    try {
      var output = Files.createTempFile("harp-bench", ".out");
      try {
        var process =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        var stopAtExit = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(stopAtExit);
        try {
          if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new BenchException(
                "%s did not end within %d s; it printed: %s"
                    .formatted(command, limit.toSeconds(), Files.readString(output)));
          }
        } finally {
          process.destroyForcibly();
          Runtime.getRuntime().removeShutdownHook(stopAtExit);
        }
        return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new BenchException(path + " cannot be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException(path + ": interrupted while it ran", e);
    }
  }
}
