// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

import io.github.harp.core.route.python.syntax.Node;
import io.github.harp.core.route.python.syntax.Node.Greed;
import java.util.ArrayList;
import java.util.List;

/**
 * The text that every match begins with, as far as 64 characters.
 *
 * @param text maybe empty
 * @param rest what decides after it
 */
record LiteralPrefix(String text, Rest rest) {
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

  static LiteralPrefix of(Node pattern) {
    var items = new ArrayList<Node>();
    flatten(pattern, items);
    var text = new StringBuilder();
    var at = 0;
    for (; at < items.size() && text.length() < LONGEST; at++) {
      var item = items.get(at);
      if (item instanceof Node.Chars chars && chars.set().single() >= 0) {
        text.append((char) chars.set().single());
      } else if (!(item instanceof Node.Start && text.isEmpty())) {
        break;
      }
    }
    return new LiteralPrefix(text.toString(), rest(items.subList(at, items.size())));
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
