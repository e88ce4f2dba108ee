// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import java.util.List;
import java.util.Locale;

/** Header lines as they are on the wire. */
final class Headers {

  private Headers() {}

  /** The values of the lines with this name; the first line is not a header. */
  static List<String> valuesOf(List<String> head, String name) {
    var prefix = name.toLowerCase(Locale.ROOT) + ":";
    return head.stream()
        .skip(1)
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
        .map(line -> line.substring(prefix.length()).strip())
        .toList();
  }
}
