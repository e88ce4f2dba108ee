// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Patterns and paths to compare engines with: some by the grammar, some tokens thrown together. */
final class RandomPatterns {
  private static final List<String> ATOMS =
      List.of(
          "a",
          "b",
          "/",
          "/",
          "-",
          "A",
          "_",
          "1",
          ".",
          "\\.",
          "\\d",
          "\\w",
          "\\W",
          "\\s",
          "\\S",
          "\\D",
          "[ab]",
          "[^/]",
          "[^/]",
          "[a-c_-]",
          "[\\w.-]",
          "[]a]",
          "[^]a]",
          "[[a]",
          "[a&&b]",
          "\\x61",
          "\\/",
          "%",
          "%2f",
          "\\101",
          "[\\d/]",
          "\\u0062",
          "~",
          "é",
          "[^\\W\\d]",
          "{id}",
          "{",
          "}");
  private static final List<String> QUANTIFIERS =
      List.of(
          "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{,2}", "{1,}", "{0,1}?", "*+", "++",
          "?+", "{1,2}+");
  private static final List<String> ANCHORS = List.of("^", "$", "\\A", "\\Z", "\\b", "\\B");
  private static final List<String> TOKENS =
      List.of(
          "a",
          "b",
          "/",
          "(",
          ")",
          "(?:",
          "(?P<n>",
          "(?P=n)",
          "(?=",
          "(?!",
          "(?<=",
          "(?<!",
          "(?>",
          "|",
          "*",
          "+",
          "?",
          "{",
          "}",
          ",",
          "1",
          "2",
          "{2}",
          "{,3}",
          "{3,1}",
          "[",
          "]",
          "^",
          "$",
          "-",
          "\\1",
          "\\2",
          "\\d",
          "\\b",
          "\\Q",
          "\\p",
          "\\h",
          "\\Z",
          "\\z",
          "\\A",
          "\\x4",
          "\\0",
          "\\377",
          "\\400",
          "\\8",
          "(?i)",
          "(?i:",
          "(?-i:",
          "(?x)",
          "(?x:",
          " ",
          "#",
          "(?#c)",
          "(?(1)",
          "(?(n)",
          "(?(3)",
          "[[:alpha:]]",
          "&&",
          "~~",
          ".",
          "\\",
          "(?a)",
          "(?u)",
          "(?L)",
          "(?au:",
          "(?si-m:",
          "\\N{DIGIT ONE}",
          "\\N{nothing}",
          "\\u00e9",
          "\\U0001F600",
          "(?P>n)",
          "(?P<1>",
          "(?<n>",
          "(?i",
          "[a-",
          "[z-a]",
          "[\\d-z]",
          "[a-\\d]",
          "[\\b]",
          "[\\1]",
          "[\\8]",
          "\\_",
          "\\-",
          "\n");
  private static final String PATH_CHARACTERS = "aab/AB1_-.%2f{}id ~c";

  private final Random random;

  RandomPatterns(long seed) {
    random = new Random(seed);
  }

  String soup() {
    var pattern = new StringBuilder();
    for (var i = random.nextInt(8); i >= 0; i--) {
      pattern.append(any(TOKENS));
    }
    return pattern.toString();
  }

  String pattern() {
    var start = random.nextInt(8);
    return (start == 0 ? "(?i)" : start < 4 ? "^" : "") + alternation(3);
  }

  List<String> paths(int count) {
    return IntStream.range(0, count).mapToObj(it -> path()).toList();
  }

  private String path() {
    var path = new StringBuilder();
    for (var i = random.nextInt(7); i >= 0; i--) {
      path.append(PATH_CHARACTERS.charAt(random.nextInt(PATH_CHARACTERS.length())));
    }
    return path.toString();
  }

  private String alternation(int depth) {
    var first = sequence(depth);
    return random.nextInt(4) == 0 ? first + "|" + sequence(depth) : first;
  }

  private String sequence(int depth) {
    var result = new StringBuilder();
    for (var i = random.nextInt(4); i >= 0; i--) {
      result.append(item(depth));
    }
    return result.toString();
  }

  private String item(int depth) {
    var kind = random.nextInt(20);
    if (kind == 0) {
      return any(ANCHORS);
    }
    var atom = kind < 6 && depth > 0 ? group(depth - 1) : any(ATOMS);
    return random.nextInt(3) == 0 ? atom + any(QUANTIFIERS) : atom;
  }

  private String group(int depth) {
    return switch (random.nextInt(16)) {
      case 0 -> "(?=" + alternation(depth) + ")";
      case 1 -> "(?!" + alternation(depth) + ")";
      case 2 -> "(?<=" + any(ATOMS) + ")";
      case 3 -> "(?<!" + any(ATOMS) + ")";
      case 4 -> "(?>" + alternation(depth) + ")";
      case 5 -> "(?i:" + alternation(depth) + ")";
      case 6 -> "\\1";
      case 7 -> "(?(1)" + sequence(depth) + "|" + sequence(depth) + ")";
      case 8 -> "(?(1)" + sequence(depth) + ")";
      case 9, 10 -> "(?:" + alternation(depth) + ")";
      default -> "(" + alternation(depth) + ")";
    };
  }

  private String any(List<String> of) {
    return of.get(random.nextInt(of.size()));
  }
}
