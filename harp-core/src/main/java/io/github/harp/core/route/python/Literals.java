// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

import io.github.harp.core.route.python.syntax.Node;
import io.github.harp.core.route.python.syntax.Node.Greed;
import java.util.ArrayList;
import java.util.List;

/**
 * The literal text of a pattern that decides about most paths before an engine is asked.
 *
 * @param prefix what every match begins with, as far as 64 characters; maybe empty
 * @param rest what decides after it
 * @param inner the longest text that every match contains after the prefix; maybe empty
 */
record Literals(String prefix, Rest rest, String inner) {
  /** Of a pattern that nothing is known about. */
  static final Literals UNKNOWN = new Literals("", Rest.PATTERN, "");

  private static final int LONGEST = 64;

  /** What follows the prefix. */
  enum Rest {
    /** Anything does. */
    ANYTHING,
    /** The path must end there. */
    END,
    /** A pattern. */
    PATTERN
  }

  static Literals of(Node pattern) {
    var items = new ArrayList<Node>();
    flatten(pattern, items);
    var text = new StringBuilder();
    var at = 0;
    for (; at < items.size() && text.length() < LONGEST; at++) {
      var item = items.get(at);
      var character = literal(item);
      if (character >= 0) {
        text.append((char) character);
      } else if (!(item instanceof Node.Start && text.isEmpty())) {
        break;
      }
    }
    var others = items.subList(at, items.size());
    return new Literals(text.toString(), rest(others), longestRun(others));
  }

  /** The character that an item is; negative when it is something else. */
  private static int literal(Node item) {
    return item instanceof Node.Chars chars ? chars.set().single() : -1;
  }

  private static String longestRun(List<Node> items) {
    var longest = "";
    var run = new StringBuilder();
    for (var item : items) {
      var character = literal(item);
      if (character < 0) {
        run.setLength(0);
      } else if (run.append((char) character).length() > longest.length()) {
        longest = run.toString();
      }
    }
    return longest;
  }

  private static Rest rest(List<Node> items) {
    if (items.stream().allMatch(Shape::alwaysMatches)) {
      return Rest.ANYTHING;
    }
    return items.stream().allMatch(Node.End.class::isInstance) ? Rest.END : Rest.PATTERN;
  }

  /** As one sequence, as far as that is one: groups that are not referred to don't matter here. */
  private static void flatten(Node node, List<Node> into) {
    if (node instanceof Node.Sequence sequence) {
      sequence.children().forEach(it -> flatten(it, into));
    } else if (node instanceof Node.Group group) {
      flatten(group.content(), into);
    } else if (node instanceof Node.Repeat repeat && repeat.min() == 1 && repeat.max() == 1) {
      if (repeat.greed() == Greed.POSSESSIVE) {
        into.add(node);
      } else {
        flatten(repeat.item(), into);
      }
    } else {
      into.add(node);
    }
  }
}
