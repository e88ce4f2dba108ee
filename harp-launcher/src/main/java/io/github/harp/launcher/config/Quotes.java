// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

/** Removes the quotes that {@code -e NAME="value"} in a compose file leaves in a value. */
final class Quotes {

  private Quotes() {}

  /**
   * Without one leading {@code "}, one trailing {@code "}, one leading {@code '} and one trailing
   * {@code '}, in this order and whether they pair or not, as the original does.
   */
  static String strip(String value) {
    return strip(strip(value, '"'), '\'');
  }

  private static String strip(String value, char quote) {
    int start = !value.isEmpty() && value.charAt(0) == quote ? 1 : 0;
    int end = value.length();
    if (end > start && value.charAt(end - 1) == quote) {
      end--;
    }
    return value.substring(start, end);
  }
}
