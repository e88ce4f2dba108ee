// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python.syntax;

/**
 * A set of printable ASCII characters, the only ones in a path.
 *
 * @param low one bit for each of 0–63
 * @param high one bit for each of 64–127
 */
public record AsciiSet(long low, long high) {
  public static final char FIRST = ' ';
  public static final char LAST = '~';

  public static final AsciiSet EMPTY = new AsciiSet(0, 0);
  public static final AsciiSet ALL = EMPTY.plusRange(FIRST, LAST);
  static final AsciiSet DIGITS = EMPTY.plusRange('0', '9');
  static final AsciiSet SPACES = EMPTY.plusRange(' ', ' ');
  public static final AsciiSet WORD =
      DIGITS.plusRange('A', 'Z').plusRange('a', 'z').plusRange('_', '_');

  private static final int HALF = Long.SIZE;

  /** With the characters of a range of code points that are printable ASCII. */
  AsciiSet plusRange(int from, int to) {
    var result = this;
    for (var c = Math.max(from, FIRST); c <= Math.min(to, LAST); c++) {
      result = result.plus(c);
    }
    return result;
  }

  AsciiSet or(AsciiSet other) {
    return new AsciiSet(low | other.low, high | other.high);
  }

  AsciiSet complement() {
    return new AsciiSet(ALL.low & ~low, ALL.high & ~high);
  }

  /** Every letter in both cases when it is there in one. */
  AsciiSet withBothCases() {
    var result = this;
    for (var c = 'a'; c <= 'z'; c++) {
      var upper = Character.toUpperCase(c);
      if (contains(c) || contains(upper)) {
        result = result.plus(c).plus(upper);
      }
    }
    return result;
  }

  public boolean contains(int c) {
    return c < HALF ? (low >>> c & 1) != 0 : (high >>> (c - HALF) & 1) != 0;
  }

  /** Its only character; -1 when it has none or several. */
  public int single() {
    if (Long.bitCount(low) + Long.bitCount(high) != 1) {
      return -1;
    }
    return low != 0 ? Long.numberOfTrailingZeros(low) : HALF + Long.numberOfTrailingZeros(high);
  }

  private AsciiSet plus(int c) {
    return c < HALF
        ? new AsciiSet(low | 1L << c, high)
        : new AsciiSet(low, high | 1L << (c - HALF));
  }
}
