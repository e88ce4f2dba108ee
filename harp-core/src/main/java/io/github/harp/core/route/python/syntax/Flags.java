// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python.syntax;

/**
 * The flags that matter to a path; {@code m} and {@code s} don't, since it has one line.
 *
 * @param ignoreCase {@code i}
 * @param ascii {@code a}: letters outside ASCII have no case in common with one inside
 * @param verbose {@code x}
 */
record Flags(boolean ignoreCase, boolean ascii, boolean verbose) {
  static final Flags NONE = new Flags(false, false, false);

  /** With flags switched on and off by their letters. */
  Flags with(String on, String off) {
    return new Flags(
        isOn('i', ignoreCase, on, off),
        isOn('a', ascii && on.indexOf('u') < 0, on, off),
        isOn('x', verbose, on, off));
  }

  private static boolean isOn(char letter, boolean before, String on, String off) {
    return (before || on.indexOf(letter) >= 0) && off.indexOf(letter) < 0;
  }
}
