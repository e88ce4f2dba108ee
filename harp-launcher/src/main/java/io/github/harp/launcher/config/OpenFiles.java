// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** How many files this process may have open, connections included. */
final class OpenFiles {

  /** A client's, and the one to the ExApp that its request is for. */
  private static final int OF_ONE_CONNECTION = 2;

  /** Tunnels, engines, Nextcloud, JARs. */
  private static final int OF_OTHERS = 512;

  private static final Pattern LIMIT = Pattern.compile("(?m)^Max open files +([0-9]{1,18}) ");

  private OpenFiles() {}

  /**
   * What is to be said where so many connections of clients would not find room; empty also where
   * the system does not tell the limit, which the JVM has raised as far as it may.
   *
   * @param root of the file system
   */
  static Optional<String> shortage(Path root, int connections) {
    long needed = (long) OF_ONE_CONNECTION * connections + OF_OTHERS;
    return most(root)
        .filter(most -> most < needed)
        .map(
            most ->
                "found %d, and a limit of %d open files; expected %d of them, or fewer connections:"
                        .formatted(connections, most, needed)
                    + " raise nofile of the container or of 'ulimit', LimitNOFILE of systemd. When"
                    + " they are used up nobody else is let in");
  }

  private static Optional<Long> most(Path root) {
    try {
      var limit = LIMIT.matcher(Files.readString(root.resolve("proc/self/limits")));
      return limit.find() ? Optional.of(Long.valueOf(limit.group(1))) : Optional.empty();
    } catch (IOException notOnLinux) {
      return Optional.empty();
    }
  }
}
