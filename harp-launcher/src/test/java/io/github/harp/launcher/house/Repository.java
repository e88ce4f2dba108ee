// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The source tree that the tests run in. */
final class Repository {

  private static final Set<String> NOT_OURS = Set.of("target", ".git", "node_modules", "bin");

  private Repository() {}

  static Path root() {
    return Path.of(System.getProperty("harp.root", "..")).toAbsolutePath().normalize();
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All files whose names end like this, outside of build results. */
  static List<Path> filesEndingWith(String end) {
    try (var all = Files.walk(root())) {
      return all.filter(file -> file.getFileName().toString().endsWith(end))
          .filter(Files::isRegularFile)
          .filter(Repository::isOurs)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isOurs(Path file) {
    for (var part : root().relativize(file)) {
      if (NOT_OURS.contains(part.toString())) {
        return false;
      }
    }
    return true;
  }
}
