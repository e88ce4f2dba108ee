// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.spec;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A place on an engine's host, absolute and in one spelling: no empty and no dot segments.
 *
 * <p>It is the spelling only: the host may be another machine, so its links cannot be followed from
 * here. One link is known, since every host has it: {@code /var/run} is {@code /run}.
 *
 * @param text begins with a slash and ends with none, but for {@code /} itself
 */
record HostPath(String text) {

  /**
   * @throws IllegalArgumentException saying what is expected
   */
  static HostPath of(String path) {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("expected an absolute path");
    }
    if (path.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("expected a path without control characters");
    }
    var segments = Arrays.asList(path.split("/"));
    if (segments.contains("..")) {
      throw new IllegalArgumentException("expected a path without '..'");
    }
    return new HostPath(
        segments.stream()
            .filter(segment -> !segment.isEmpty() && !segment.equals("."))
            .collect(Collectors.joining("/", "/", "")));
  }

  /** Whether it is the other place or a folder above it. */
  boolean isAtOrAbove(HostPath other) {
    return isPrefix(withoutLink(text), withoutLink(other.text));
  }

  /** The same, also where it is only so on hosts that do not tell upper from lower case. */
  boolean mayBeAtOrAbove(HostPath other) {
    return isPrefix(folded(this), folded(other));
  }

  /** The last segment, in lower case. */
  String name() {
    return text.substring(text.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
  }

  private static boolean isPrefix(String above, String below) {
    return above.equals("/")
        || below.startsWith(above)
            && (below.length() == above.length() || below.charAt(above.length()) == '/');
  }

  private static String withoutLink(String path) {
    return isPrefix("/var/run", path) ? path.substring("/var".length()) : path;
  }

  private static String folded(HostPath path) {
    return withoutLink(path.text.toLowerCase(Locale.ROOT));
  }

  @Override
  public String toString() {
    return text;
  }
}
