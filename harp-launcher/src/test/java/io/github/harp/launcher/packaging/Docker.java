// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Docker's own command line. */
final class Docker {

  private static final long LONGEST_SECONDS = 180;

  private Docker() {}

  private record Result(int exitCode, String output) {}

  /** What it wrote; throws when it ends with anything but 0. */
  static String run(String... arguments) throws IOException, InterruptedException {
    var result = attempt(arguments);
    if (result.exitCode() != 0) {
      throw new IOException(String.join(" ", arguments) + ": " + result);
    }
    return result.output();
  }

  static boolean succeeds(String... arguments) throws InterruptedException {
    try {
      return attempt(arguments).exitCode() == 0;
    } catch (IOException notInstalled) {
      return false;
    }
  }

  private static Result attempt(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(arguments));
    var output = Files.createTempFile("docker", ".out");
    try {
      var builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
      // Client and engine may have been installed without BuildKit's part of the client.
      builder.environment().putIfAbsent("DOCKER_BUILDKIT", "0");
      var process = builder.start();
      process.getOutputStream().close();
      if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(
            String.join(" ", command) + ": not over after " + LONGEST_SECONDS + " s");
      }
      return new Result(process.exitValue(), Files.readString(output));
    } finally {
      Files.delete(output);
    }
  }
}
