// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An engine's own command line, which tests look with: past the code under test. */
public final class Cli {

  private final List<String> prefix;

  private Cli(String... prefix) {
    this.prefix = List.of(prefix);
  }

  public static Cli docker(Path socket) {
    return new Cli("docker", "-H", "unix://" + socket);
  }

  public static Cli podman(Path socket) {
    return new Cli("podman", "--remote", "--url", "unix://" + socket);
  }

  /** What it wrote to its standard output; throws when it ends with anything but 0. */
  public String run(String... arguments) throws IOException, InterruptedException {
    var result = attempt(arguments);
    if (result.exitCode() != 0) {
      throw new IOException(String.join(" ", arguments) + ": " + result);
    }
    return result.output().strip();
  }

  public boolean succeeds(String... arguments) throws IOException, InterruptedException {
    return attempt(arguments).exitCode() == 0;
  }

  /** Skips the test on a machine where an image for tests was never built. */
  public Cli assumeImage(String image) throws IOException, InterruptedException {
    assumeTrue(
        succeeds("image", "inspect", image), "no image " + image + "; .ci/engines builds it");
    return this;
  }

  private record Result(int exitCode, String output, String errors) {}

  private Result attempt(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(prefix);
    command.addAll(List.of(arguments));
    var output = Files.createTempFile("cli", ".out");
    var errors = Files.createTempFile("cli", ".err");
    try {
      var process =
          new ProcessBuilder(command)
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile())
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(String.join(" ", command) + ": not over after 60 s");
      }
      return new Result(
          process.exitValue(),
          Files.readString(output, StandardCharsets.UTF_8),
          Files.readString(errors, StandardCharsets.UTF_8));
    } finally {
      Files.delete(output);
      Files.delete(errors);
    }
  }
}
