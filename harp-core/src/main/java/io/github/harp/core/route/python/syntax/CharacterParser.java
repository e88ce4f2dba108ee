// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python.syntax;

import org.jspecify.annotations.Nullable;

/** Parses what stands for one character: escapes and {@code [sets]}. */
final class CharacterParser {
  private static final int HEX = 16;
  private static final int OCTAL = 8;
  private static final int MAX_OCTAL = 0377;
  private static final String LETTERS_WITH_CODES = "abfnrtv";
  private static final String CODES = "\u0007\b\f\n\r\t\u000B";

  private final Tokens tokens;

  CharacterParser(Tokens tokens) {
    this.tokens = tokens;
  }

  /** The set of {@code \d}, {@code \W} and so on; null for another letter. */
  static @Nullable AsciiSet category(int letter) {
    return switch (letter) {
      case 'd' -> AsciiSet.DIGITS;
      case 'D' -> AsciiSet.DIGITS.complement();
      case 's' -> AsciiSet.SPACES;
      case 'S' -> AsciiSet.SPACES.complement();
      case 'w' -> AsciiSet.WORD;
      case 'W' -> AsciiSet.WORD.complement();
      default -> null;
    };
  }

  /** One character, in both cases when case does not matter. */
  static AsciiSet one(int codePoint, Flags flags) {
    return range(codePoint, codePoint, flags);
  }

  /**
   * The code point of an escape whose letter has been read: no category, no reference to a group.
   */
  int codePoint(int letter) {
    var known = LETTERS_WITH_CODES.indexOf(letter);
    if (known >= 0) {
      return CODES.charAt(known);
    }
    return switch (letter) {
      case 'x' -> hex(2);
      case 'u' -> hex(4);
      case 'U' -> hex(8);
      case 'N' -> named();
      default -> literal(letter);
    };
  }

  /** An escape in octal digits, the first of which has been read. */
  int octal(int firstDigit) {
    var digits = Character.toString(firstDigit) + tokens.digits(2, OCTAL);
    return checkedOctal(digits);
  }

  int checkedOctal(String digits) {
    var code = Integer.parseInt(digits, OCTAL);
    if (code > MAX_OCTAL) {
      throw tokens.error("the octal escape \\" + digits, "at most \\377");
    }
    return code;
  }

  /** A set, of which the bracket has been read. */
  AsciiSet set(Flags flags) {
    var negated = tokens.accept('^');
    var set = AsciiSet.EMPTY;
    for (var first = true; first || tokens.peek() != ']'; first = false) {
      var from = member();
      if (!tokens.accept('-')) {
        set = set.or(from.set(flags));
      } else if (tokens.peek() == ']') {
        set = set.or(from.set(flags)).or(one('-', flags));
      } else {
        set = set.or(range(from, member(), flags));
      }
    }
    tokens.next();
    return negated ? set.complement() : set;
  }

  private AsciiSet range(Member from, Member to, Flags flags) {
    if (from.category() != null || to.category() != null || to.codePoint() < from.codePoint()) {
      throw tokens.error("a bad range in a set", "two characters in order");
    }
    return range(from.codePoint(), to.codePoint(), flags);
  }

  private Member member() {
    var token = tokens.next();
    if (token == Tokens.END) {
      throw tokens.error("a set that does not end", "']'");
    }
    if (!Tokens.isEscape(token)) {
      return new Member(token, null);
    }
    var letter = Tokens.escaped(token);
    var category = category(letter);
    if (category != null) {
      return new Member(0, category);
    }
    return new Member(letter >= '0' && letter <= '7' ? octal(letter) : codePoint(letter), null);
  }

  /** Letters outside ASCII whose lower case, or a twin of it, is an ASCII letter. */
  private static AsciiSet range(int from, int to, Flags flags) {
    var set = AsciiSet.EMPTY.plusRange(from, to);
    if (!flags.ignoreCase()) {
      return set;
    }
    if (!flags.ascii()) {
      set = plusTwin(set, from, to, '\u0130', 'i');
      set = plusTwin(set, from, to, '\u0131', 'i');
      set = plusTwin(set, from, to, '\u017F', 's');
      set = plusTwin(set, from, to, '\u212A', 'k');
    }
    return set.withBothCases();
  }

  private static AsciiSet plusTwin(AsciiSet set, int from, int to, char letter, char twin) {
    return from <= letter && letter <= to ? set.plusRange(twin, twin) : set;
  }

  private int hex(int length) {
    var digits = tokens.digits(length, HEX);
    if (digits.length() != length) {
      throw tokens.error("an incomplete escape", length + " hexadecimal digits");
    }
    var code = Long.parseLong(digits, HEX);
    if (code > Character.MAX_CODE_POINT) {
      throw tokens.error("the escape " + digits, "a Unicode code point");
    }
    return (int) code;
  }

  private int named() {
    if (!tokens.accept('{')) {
      throw tokens.error("\\N without a name", "\\N{name}");
    }
    var name = tokens.nameUntil('}');
    try {
      return Character.codePointOf(name);
    } catch (IllegalArgumentException e) {
      throw tokens.error("\\N with an unknown name", "the name of a character");
    }
  }

  private int literal(int letter) {
    var isLetterOrDigit = letter < 128 && Character.isLetterOrDigit(letter);
    if (isLetterOrDigit) {
      throw tokens.error("\\" + (char) letter, "an escape that Python knows");
    }
    return letter;
  }

  /** What may stand in a set: a character, or a category in its place. */
  private record Member(int codePoint, @Nullable AsciiSet category) {
    AsciiSet set(Flags flags) {
      return category == null ? one(codePoint, flags) : category;
    }
  }
}
