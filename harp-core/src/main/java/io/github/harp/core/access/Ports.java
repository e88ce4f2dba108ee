// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

/** Reads port numbers from headers. */
final class Ports {
  private static final int MAX_DIGITS = 5;
  private static final int MAX_PORT = 65535;

  private Ports() {}

  /** A number from 0 to 65535 in plain digits; -1 for anything else. */
  static int parse(String text) {
    if (text.isEmpty() || text.length() > MAX_DIGITS) {
      return -1;
    }
    var port = 0;
    for (var i = 0; i < text.length(); i++) {
      var digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      port = port * 10 + digit;
    }
    return port <= MAX_PORT ? port : -1;
  }
}
