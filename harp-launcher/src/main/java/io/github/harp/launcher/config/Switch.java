// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import java.util.Locale;

/** One rule for everything that is on or off, as people write it. */
final class Switch {

  private Switch() {}

  /** In any case: true, yes, on, 1, and their opposites. */
  static boolean parse(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on", "1", "y", "t" -> true;
      case "false", "no", "off", "0", "n", "f" -> false;
      default -> throw new IllegalArgumentException("true or false");
    };
  }
}
