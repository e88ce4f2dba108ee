// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

/**
 * Text of a client, fit for one line of a log: short, and without characters that would fake
 * another line.
 */
final class Printable {

  private static final int MAX_LENGTH = 64;

  private Printable() {}

  static String of(String text) {
    String cut = text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "...";
    return cut.codePoints()
        .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
