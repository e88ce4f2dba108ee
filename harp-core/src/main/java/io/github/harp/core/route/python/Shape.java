// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

import io.github.harp.core.route.python.syntax.Node;
import io.github.harp.core.route.python.syntax.Node.Greed;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
                it instanceof Node.Extension
                    || (it instanceof Node.Repeat repeat && repeat.greed() == Greed.POSSESSIVE));
  }

  /**
   * Whether it refers to a group out of a loop, look-around or atomic group. Java does not forget
   * what such a group had matched when it goes back, Python does.
   */
  static boolean refersIntoLoop(Node pattern) {
    var referred = references(pattern).collect(Collectors.toSet());
    return pattern
        .all()
        .filter(Shape::isLeftAtOnce)
        .flatMap(Node::all)
        .anyMatch(it -> it instanceof Node.Group group && referred.contains(group.number()));
  }

  /** The numbers of the groups that it refers to, in whatever way. */
  static Stream<Integer> references(Node pattern) {
    return Stream.concat(backReferences(pattern), conditions(pattern));
  }

  /** The numbers of the groups whose text it wants again. */
  static Stream<Integer> backReferences(Node pattern) {
    return pattern
        .all()
        .filter(Node.BackReference.class::isInstance)
        .map(it -> ((Node.BackReference) it).number());
  }

  /** The numbers of the groups that conditions are about. */
  static Stream<Integer> conditions(Node pattern) {
    return pattern
        .all()
        .filter(Node.Conditional.class::isInstance)
        .map(it -> ((Node.Conditional) it).number());
  }

  private static boolean isLeftAtOnce(Node node) {
    return node instanceof Node.Look
        || node instanceof Node.Atomic
        || (node instanceof Node.Repeat repeat
            && (repeat.max() > 1 || repeat.greed() == Greed.POSSESSIVE));
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
