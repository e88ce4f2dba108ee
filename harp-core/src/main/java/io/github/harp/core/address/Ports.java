// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.address;

import java.util.OptionalInt;

/** Which numbers are TCP ports: from 1 to {@link #HIGHEST}. Where it says so, 0 is none yet. */
public final class Ports {

  /** The last one. */
  public static final int HIGHEST = 65_535;

  private static final int MAX_DIGITS = 5;

  private Ports() {}

  /** Whether a number is a port, and not 0. */
  public static boolean isPort(int number) {
    return number >= 1 && number <= HIGHEST;
  }

  /** A port or 0 in plain digits; empty for anything else. */
  public static OptionalInt parse(String text) {
    if (text.isEmpty() || text.length() > MAX_DIGITS) {
      return OptionalInt.empty();
    }
    var number = 0;
    for (var i = 0; i < text.length(); i++) {
      var digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return OptionalInt.empty();
      }
      number = number * 10 + digit;
    }
    return number == 0 || isPort(number) ? OptionalInt.of(number) : OptionalInt.empty();
  }
}
