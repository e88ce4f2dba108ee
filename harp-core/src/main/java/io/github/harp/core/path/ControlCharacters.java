// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.path;

/**
 * Finds control characters, 00–1f and 7f, however often and however partly they are
 * percent-encoded. No honest path holds one, and a pattern that ends in {@code $} does not see a
 * line feed behind what it matches.
 */
public final class ControlCharacters {
  private ControlCharacters() {}

  /** Whether a raw path holds one. */
  public static boolean isIn(String path) {
    return holds(path) || (path.indexOf('%') >= 0 && holds(PathNormalizer.withoutEscapes(path)));
  }

  private static boolean holds(String path) {
    for (var i = 0; i < path.length(); i++) {
      var c = path.charAt(i);
      if (c < ' ' || c == 0x7f) {
        return true;
      }
    }
    return false;
  }
}
