// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python.syntax;

import io.github.harp.core.HarpException;
import java.util.ArrayList;
import java.util.List;

/**
 * Parses a pattern as the {@code re} module of Python 3.11 does for text, and refuses what it
 * refuses.
 *
 * @see <a href="https://docs.python.org/3.11/library/re.html#regular-expression-syntax">the
 *     syntax</a>
 */
public final class PatternParser {
  /** Longer patterns are not decided; manifests have a few dozen characters. */
  static final int LONGEST = 10_000;

  private static final long MAX_REPEAT = 4_294_967_295L;
  private static final String WHITESPACE = " \t\n\r\u000B\f";

  private final Tokens tokens;
  private final CharacterParser characters;
  private final Groups groups = new Groups();
  private final ExtensionParser extensions;
  private Flags global = Flags.NONE;

  private PatternParser(String pattern) {
    tokens = new Tokens(pattern);
    characters = new CharacterParser(tokens);
    extensions = new ExtensionParser(this, tokens, groups);
  }

  /**
   * The parsed pattern.
   *
   * @throws HarpException {@code BAD_REQUEST} when Python refuses it, {@code UNAVAILABLE} when it
   *     is beyond the limits here
   */
  public static Node parse(String pattern) {
    return new PatternParser(pattern).whole(pattern);
  }

  private Node whole(String pattern) {
    if (pattern.length() > LONGEST) {
      throw tokens.tooMuch(pattern.length() + " characters", "at most " + LONGEST);
    }
    var branches = new ArrayList<Node>();
    do {
      branches.add(topSequence(branches.isEmpty()));
    } while (tokens.accept('|'));
    if (tokens.peek() != Tokens.END) {
      throw tokens.error("an unbalanced ')'", "the end");
    }
    if (!groups.allConditionsExist()) {
      throw tokens.error("a condition on a group that does not exist", "the number of a group");
    }
    return oneOf(branches);
  }

  /** The content of a group, up to its closing bracket, which is taken. */
  Node groupContent(Flags flags) {
    var branches = new ArrayList<Node>();
    do {
      branches.add(sequence(flags));
    } while (tokens.accept('|'));
    closeBracket();
    return oneOf(branches);
  }

  void closeBracket() {
    if (!tokens.accept(')')) {
      throw tokens.error("a group that does not end", "')'");
    }
  }

  Node sequence(Flags flags) {
    var items = new ArrayList<Node>();
    while (!isAtEndOfSequence()) {
      addItem(items, flags);
    }
    return new Node.Sequence(List.copyOf(items));
  }

  /** As {@link #sequence}, but flags for the whole pattern may stand before the very first item. */
  private Node topSequence(boolean first) {
    var items = new ArrayList<Node>();
    while (!isAtEndOfSequence()) {
      var letters = extensions.globalFlags();
      if (letters.isEmpty()) {
        addItem(items, global);
      } else if (first && items.isEmpty()) {
        global = global.with(letters, "");
      } else {
        throw tokens.error("flags for the whole pattern", "them at its start");
      }
    }
    return new Node.Sequence(List.copyOf(items));
  }

  private boolean isAtEndOfSequence() {
    var token = tokens.peek();
    return token == Tokens.END || token == '|' || token == ')';
  }

  private void addItem(List<Node> items, Flags flags) {
    var token = tokens.next();
    if (flags.verbose() && WHITESPACE.indexOf(token) >= 0) {
      return;
    }
    if (flags.verbose() && token == '#') {
      skipLine();
      return;
    }
    if (Tokens.isEscape(token)) {
      items.add(escape(Tokens.escaped(token), flags));
      return;
    }
    switch (token) {
      case '[' -> items.add(new Node.Chars(characters.set(flags)));
      case '.' -> items.add(new Node.Chars(AsciiSet.ALL));
      case '^' -> items.add(new Node.Start());
      case '$' -> items.add(new Node.End());
      case '?' -> repeat(items, 0, 1);
      case '*' -> repeat(items, 0, Node.UNLIMITED);
      case '+' -> repeat(items, 1, Node.UNLIMITED);
      case '{' -> bracesOrLiteral(items, flags);
      case '(' -> extensions.group(flags).ifPresent(items::add);
      default -> items.add(new Node.Chars(CharacterParser.one(token, flags)));
    }
  }

  private void skipLine() {
    var token = tokens.next();
    while (token != '\n' && token != Tokens.END) {
      token = tokens.next();
    }
  }

  private Node escape(int letter, Flags flags) {
    var category = CharacterParser.category(letter);
    if (category != null) {
      return new Node.Chars(category);
    }
    return switch (letter) {
      case 'A' -> new Node.Start();
      case 'Z' -> new Node.End();
      case 'b' -> new Node.WordBoundary(false);
      case 'B' -> new Node.WordBoundary(true);
      case '0' -> new Node.Chars(CharacterParser.one(characters.octal(letter), flags));
      case '1', '2', '3', '4', '5', '6', '7', '8', '9' -> referenceOrOctal(letter, flags);
      default -> new Node.Chars(CharacterParser.one(characters.codePoint(letter), flags));
    };
  }

  /** Three octal digits are a character; one or two digits are the number of a group. */
  private Node referenceOrOctal(int firstDigit, Flags flags) {
    var digits = Character.toString(firstDigit) + tokens.digits(1, 10);
    if (digits.matches("[0-7]{2}")) {
      var third = tokens.digits(1, 8);
      if (!third.isEmpty()) {
        var code = characters.checkedOctal(digits + third);
        return new Node.Chars(CharacterParser.one(code, flags));
      }
    }
    return extensions.reference(Integer.parseInt(digits), flags);
  }

  /** A brace that is no quantifier is a brace. */
  private void bracesOrLiteral(List<Node> items, Flags flags) {
    var afterBrace = tokens.position();
    if (tokens.peek() != '}') {
      var min = tokens.digits(LONGEST, 10);
      var max = tokens.accept(',') ? tokens.digits(LONGEST, 10) : min;
      if (tokens.accept('}')) {
        repeat(items, min.isEmpty() ? 0 : count(min), max.isEmpty() ? Node.UNLIMITED : count(max));
        return;
      }
      tokens.seek(afterBrace);
    }
    items.add(new Node.Chars(CharacterParser.one('{', flags)));
  }

  private long count(String digits) {
    var significant = digits.replaceFirst("^0+(?=.)", "");
    if (significant.length() > 10 || Long.parseLong(significant) >= MAX_REPEAT) {
      throw tokens.error(
          "a repetition of " + digits.length() + " digits", "less than " + MAX_REPEAT);
    }
    return Long.parseLong(significant);
  }

  private void repeat(List<Node> items, long min, long max) {
    if (max < min) {
      throw tokens.error("a repetition with its maximum below its minimum", "the minimum first");
    }
    var item = items.isEmpty() ? null : items.get(items.size() - 1);
    if (item == null
        || item instanceof Node.Start
        || item instanceof Node.End
        || item instanceof Node.WordBoundary) {
      throw tokens.error("nothing to repeat", "a quantifier after an item");
    }
    if (item instanceof Node.Repeat) {
      throw tokens.error("a quantifier after a quantifier", "one of them");
    }
    var greed =
        tokens.accept('?')
            ? Node.Greed.LAZY
            : tokens.accept('+') ? Node.Greed.POSSESSIVE : Node.Greed.GREEDY;
    items.set(items.size() - 1, new Node.Repeat(item, min, max, greed));
  }

  private static Node oneOf(List<Node> branches) {
    return branches.size() == 1 ? branches.get(0) : new Node.Alternation(List.copyOf(branches));
  }
}
