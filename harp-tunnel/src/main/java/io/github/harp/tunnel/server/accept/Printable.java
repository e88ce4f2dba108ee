// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

/**
 * Text of a client, fit for one line of a log: short, and without characters that would fake
 * another line.
 */
public final class Printable {

  private static final int MAX_LENGTH = 64;

  private Printable() {}

  public static String of(String text) {
    return of(text, MAX_LENGTH);
  }

  static String of(String text, int maxLength) {
    String cut = text.length() <= maxLength ? text : text.substring(0, maxLength) + "...";
    return cut.codePoints()
        .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
