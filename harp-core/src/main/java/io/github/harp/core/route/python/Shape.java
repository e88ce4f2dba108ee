// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

import io.github.harp.core.route.python.Node.Greed;

/** What can be said about a pattern without trying it. */
final class Shape {
  private static final long HUGE = 1_000_000_000;

  private Shape() {}

  /** Whether it matches something, be it nothing, at any place of any text. */
  static boolean alwaysMatches(Node node) {
    if (node instanceof Node.Alternation) {
      return node.children().stream().anyMatch(Shape::alwaysMatches);
    }
    if (node instanceof Node.Repeat repeat && repeat.min() == 0) {
      return true;
    }
    var isTransparent =
        node instanceof Node.Sequence
            || node instanceof Node.Repeat
            || node instanceof Node.Group
            || node instanceof Node.Atomic;
    return isTransparent && node.children().stream().allMatch(Shape::alwaysMatches);
  }

  /** Whether only an engine that tries and goes back can decide it. */
  static boolean needsBacktracking(Node pattern) {
    return pattern
        .all()
        .anyMatch(
            it ->
                it instanceof Node.Look
                    || it instanceof Node.Atomic
                    || it instanceof Node.BackReference
                    || it instanceof Node.Conditional
                    || (it instanceof Node.Repeat repeat && repeat.greed() == Greed.POSSESSIVE));
  }

  /** How many states it has when all counted repetitions are written out. */
  static long states(Node node) {
    var inside = limited(node.children().stream().mapToLong(Shape::states).sum());
    if (node instanceof Node.Repeat repeat) {
      var times = repeat.max() == Node.UNLIMITED ? repeat.min() + 1 : repeat.max();
      return limited(limited(times) * (inside + 1));
    }
    return inside + 1;
  }

  private static long limited(long states) {
    return Math.min(states, HUGE);
  }
}
