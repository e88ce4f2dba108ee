// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

import io.github.harp.core.route.python.syntax.Node;
import io.github.harp.core.route.python.syntax.Node.Greed;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What can be said about a pattern without trying it. */
final class Shape {
  private static final long HUGE = 1_000_000_000;

  private static final Kinds KINDS = new Kinds();

  private Shape() {}

  /** Whether it matches something, be it nothing, at any place of any text. */
  static boolean alwaysMatches(Node node) {
    return switch (node.match(KINDS).matches()) {
      case NOT_ALWAYS -> false;
      case IF_ANY_DOES -> node.children().stream().anyMatch(Shape::alwaysMatches);
      case IF_ALL_DO -> node.children().stream().allMatch(Shape::alwaysMatches);
      case ALWAYS -> true;
    };
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
        .filter(it -> it.match(KINDS).isLeftAtOnce())
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

  /** When it matches at any place, given what is inside. */
  private enum Matches {
    NOT_ALWAYS,
    IF_ANY_DOES,
    IF_ALL_DO,
    ALWAYS
  }

  /**
   * What is true of a node by what it is.
   *
   * @param isLeftAtOnce whether what is inside may be entered again, or is never gone back to
   */
  private record Kind(Matches matches, boolean isLeftAtOnce) {
    static final Kind PLAIN = new Kind(Matches.NOT_ALWAYS, false);
    static final Kind TRANSPARENT = new Kind(Matches.IF_ALL_DO, false);
  }

  private static final class Kinds implements Node.Cases<Kind> {
    @Override
    public Kind chars(Node.Chars node) {
      return Kind.PLAIN;
    }

    @Override
    public Kind start(Node.Start node) {
      return Kind.PLAIN;
    }

    @Override
    public Kind end(Node.End node) {
      return Kind.PLAIN;
    }

    @Override
    public Kind wordBoundary(Node.WordBoundary node) {
      return Kind.PLAIN;
    }

    @Override
    public Kind sequence(Node.Sequence node) {
      return Kind.TRANSPARENT;
    }

    @Override
    public Kind alternation(Node.Alternation node) {
      return new Kind(Matches.IF_ANY_DOES, false);
    }

    @Override
    public Kind repeat(Node.Repeat node) {
      return new Kind(
          node.min() == 0 ? Matches.ALWAYS : Matches.IF_ALL_DO,
          node.max() > 1 || node.greed() == Greed.POSSESSIVE);
    }

    @Override
    public Kind group(Node.Group node) {
      return Kind.TRANSPARENT;
    }

    @Override
    public Kind atomic(Node.Atomic node) {
      return new Kind(Matches.IF_ALL_DO, true);
    }

    @Override
    public Kind look(Node.Look node) {
      return new Kind(Matches.NOT_ALWAYS, true);
    }

    @Override
    public Kind backReference(Node.BackReference node) {
      return Kind.PLAIN;
    }

    @Override
    public Kind conditional(Node.Conditional node) {
      return Kind.PLAIN;
    }
  }
}
