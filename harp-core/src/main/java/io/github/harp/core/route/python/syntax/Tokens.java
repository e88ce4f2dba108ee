// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python.syntax;

import io.github.harp.core.HarpException;
import io.github.harp.core.notice.Excerpt;

/**
 * A pattern as Python's tokenizer sees it: a backslash and what follows are one token everywhere,
 * in comments and names, too.
 */
final class Tokens {
  static final int END = -1;
  private static final int ESCAPED = 1 << 24;
  private static final int LONGEST_SHOWN = 80;

  private final String pattern;
  private final int[] codePoints;
  private int position;

  Tokens(String pattern) {
    this.pattern = pattern;
    this.codePoints = pattern.codePoints().toArray();
  }

  /** The next token: a code point, {@link #escaped} for one after a backslash, or {@link #END}. */
  int peek() {
    if (position >= codePoints.length) {
      return END;
    }
    if (codePoints[position] != '\\') {
      return codePoints[position];
    }
    if (position + 1 >= codePoints.length) {
      throw error("a backslash at the end", "something to escape");
    }
    return codePoints[position + 1] | ESCAPED;
  }

  int next() {
    var token = peek();
    position += token == END ? 0 : isEscape(token) ? 2 : 1;
    return token;
  }

  boolean accept(int token) {
    if (peek() != token) {
      return false;
    }
    next();
    return true;
  }

  static boolean isEscape(int token) {
    return token != END && (token & ESCAPED) != 0;
  }

  static int escaped(int token) {
    return token & ~ESCAPED;
  }

  int position() {
    return position;
  }

  void seek(int to) {
    position = to;
  }

  /** At most {@code limit} digits of a base. */
  String digits(int limit, int base) {
    var result = new StringBuilder();
    while (result.length() < limit && isAsciiDigit(peek(), base)) {
      result.appendCodePoint(next());
    }
    return result.toString();
  }

  /** A name up to its terminator, which is taken. */
  String nameUntil(int terminator) {
    var result = new StringBuilder();
    for (var token = next(); token != terminator; token = next()) {
      if (token == END) {
        throw error("a name that does not end", "'" + Character.toString(terminator) + "'");
      }
      if (isEscape(token)) {
        result.append('\\');
      }
      result.appendCodePoint(escaped(token));
    }
    if (result.isEmpty()) {
      throw error("an empty name", "a name");
    }
    return result.toString();
  }

  /** Python would not take this for a pattern. */
  HarpException error(String found, String expected) {
    return problem(HarpException.Code.BAD_REQUEST, found, expected);
  }

  /** Python would, we can't. */
  HarpException tooMuch(String found, String expected) {
    return problem(HarpException.Code.UNAVAILABLE, found, expected);
  }

  private HarpException problem(HarpException.Code code, String found, String expected) {
    return new HarpException(
        code,
        "route pattern '"
            + Excerpt.of(pattern, LONGEST_SHOWN)
            + "': "
            + found
            + " at position "
            + position
            + ", expected "
            + expected);
  }

  private static boolean isAsciiDigit(int token, int base) {
    return token >= 0 && token < 128 && Character.digit(token, base) >= 0;
  }
}
