// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python.syntax;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Parses groups, and all that starts with {@code (?}. */
final class ExtensionParser {
  private static final String FLAGS = "imsxaLu";
  private static final int DEEPEST = 100;

  private final PatternParser parser;
  private final Tokens tokens;
  private final Groups groups;
  private int depth;
  private String globalLetters = "";

  ExtensionParser(PatternParser parser, Tokens tokens, Groups groups) {
    this.parser = parser;
    this.tokens = tokens;
    this.groups = groups;
  }

  /** What follows an opening bracket, which has been read; empty for a comment. */
  Optional<Node> group(Flags flags) {
    if (++depth > DEEPEST) {
      throw tokens.tooMuch("groups in groups", "at most " + DEEPEST + " levels");
    }
    var group = tokens.accept('?') ? extension(flags) : Optional.of(capturing(null, flags));
    depth--;
    return group;
  }

  private Optional<Node> extension(Flags flags) {
    var kind = tokens.next();
    return switch (kind) {
      case ':' -> Optional.of(new Node.Group(0, parser.groupContent(flags)));
      case '>' -> Optional.of(new Node.Atomic(parser.groupContent(flags)));
      case '=' -> Optional.of(new Node.Look(true, false, parser.groupContent(flags)));
      case '!' -> Optional.of(new Node.Look(true, true, parser.groupContent(flags)));
      case '<' -> Optional.of(lookBehind(flags));
      case '(' -> Optional.of(conditional(flags));
      case 'P' -> Optional.of(named(flags));
      case '#' -> {
        skipComment();
        yield Optional.empty();
      }
      default -> Optional.of(scopedFlags(kind, flags));
    };
  }

  /** The letters of flags for the whole pattern if they come next, and takes them; else empty. */
  String globalFlags() {
    var start = tokens.position();
    var letters = new StringBuilder();
    if (tokens.accept('(') && tokens.accept('?')) {
      while (isFlag(tokens.peek())) {
        letters.appendCodePoint(tokens.next());
      }
      if (!letters.isEmpty() && tokens.accept(')')) {
        globalLetters += letters;
        checkKinds(globalLetters);
        return letters.toString();
      }
    }
    tokens.seek(start);
    return "";
  }

  Node reference(int number, Flags flags) {
    if (!groups.exists(number)) {
      throw tokens.error("a reference to group " + number, "the number of a group before it");
    }
    if (!groups.isClosed(number)) {
      throw tokens.error("a reference to group " + number + " inside of it", "one after it");
    }
    requireUsableInLookBehind(number);
    return new Node.BackReference(number, flags.ignoreCase());
  }

  private Node capturing(@Nullable String name, Flags flags) {
    var number = groups.open();
    if (name != null && !groups.name(number, name)) {
      throw tokens.error("a second group with the same name", "another name");
    }
    var content = parser.groupContent(flags);
    groups.close(number, content);
    return new Node.Group(number, content);
  }

  private Node named(Flags flags) {
    if (tokens.accept('<')) {
      return capturing(checkedName(tokens.nameUntil('>')), flags);
    }
    if (tokens.accept('=')) {
      var number = groups.numberOf(checkedName(tokens.nameUntil(')')));
      return reference(number, flags);
    }
    throw tokens.error("(?P", "(?P<name>...) or (?P=name)");
  }

  private Node lookBehind(Flags flags) {
    var kind = tokens.next();
    if (kind != '=' && kind != '!') {
      throw tokens.error("(?<", "(?<=...) or (?<!...)");
    }
    var outermost = groups.enterLookBehind();
    var content = parser.groupContent(flags);
    if (outermost) {
      groups.leaveLookBehind();
    }
    if (!Width.of(content, groups).isFixed()) {
      throw tokens.error("a look-behind of varying width", "one that always has the same");
    }
    return new Node.Look(false, kind == '!', content);
  }

  private Node conditional(Flags flags) {
    var number = conditionNumber(tokens.nameUntil(')'));
    requireUsableInLookBehind(number);
    var yes = parser.sequence(flags);
    var no = tokens.accept('|') ? parser.sequence(flags) : null;
    parser.closeBracket();
    return new Node.Conditional(number, yes, no);
  }

  private int conditionNumber(String text) {
    if (isIdentifier(text)) {
      var number = groups.numberOf(text);
      if (number < 0) {
        throw tokens.error("a condition on an unknown name", "the name of a group before it");
      }
      return number;
    }
    var number = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
    if (number == 0) {
      throw tokens.error("a condition that is no group", "its name or number");
    }
    groups.noteCondition(number);
    return number;
  }

  private void requireUsableInLookBehind(int number) {
    if (!groups.isUsableInLookBehind(number)) {
      throw tokens.error("a reference in a look-behind", "one to a group before it");
    }
  }

  private void skipComment() {
    for (var token = tokens.next(); token != ')'; token = tokens.next()) {
      if (token == Tokens.END) {
        throw tokens.error("a comment that does not end", "')'");
      }
    }
  }

  private Node scopedFlags(int first, Flags flags) {
    var on = new StringBuilder();
    var letter = first;
    for (; isFlag(letter); letter = tokens.next()) {
      on.appendCodePoint(letter);
    }
    var off = new StringBuilder();
    if (letter == '-') {
      for (letter = tokens.next(); isFlag(letter); letter = tokens.next()) {
        off.appendCodePoint(letter);
      }
      if (off.isEmpty()) {
        throw tokens.error("no flag after '-'", "one to switch off");
      }
    }
    if (letter == ')' && !on.isEmpty() && off.isEmpty()) {
      throw tokens.error("flags for the whole pattern", "them at its start");
    }
    if (letter != ':') {
      throw tokens.error("(? with something unknown", "(?:...), (?=...), (?P<name>...) or flags");
    }
    checkKinds(on.toString());
    if (off.chars().anyMatch(it -> it == 'a' || it == 'u' || it == 'L')) {
      throw tokens.error("the flags a, u or L switched off", "another one switched on");
    }
    if (off.chars().anyMatch(it -> on.indexOf(Character.toString(it)) >= 0)) {
      throw tokens.error("a flag switched on and off", "one of them");
    }
    return new Node.Group(0, parser.groupContent(flags.with(on.toString(), off.toString())));
  }

  private void checkKinds(String letters) {
    if (letters.indexOf('L') >= 0) {
      throw tokens.error("the flag L", "none about locales in a text pattern");
    }
    if (letters.indexOf('a') >= 0 && letters.indexOf('u') >= 0) {
      throw tokens.error("the flags a and u", "one of them");
    }
  }

  private static boolean isFlag(int token) {
    return token > 0 && FLAGS.indexOf(token) >= 0;
  }

  private String checkedName(String name) {
    if (!isIdentifier(name)) {
      throw tokens.error("a bad name of a group", "letters, digits and underscores");
    }
    return name;
  }

  private static boolean isIdentifier(String text) {
    var first = text.codePointAt(0);
    return (first == '_' || Character.isUnicodeIdentifierStart(first))
        && text.codePoints()
            .skip(1)
            .allMatch(
                it ->
                    Character.isUnicodeIdentifierPart(it) && !Character.isIdentifierIgnorable(it));
  }
}
