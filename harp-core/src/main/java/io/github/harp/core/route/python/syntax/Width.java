// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python.syntax;

/**
 * How many characters something matches.
 *
 * @param min at least
 * @param max at most; {@link Node#UNLIMITED} for no limit
 */
public record Width(long min, long max) {
  static final Width NOTHING = new Width(0, 0);
  private static final Width ONE = new Width(1, 1);

  /** The width of a pattern without references to groups, which count as nothing. */
  public static Width of(Node pattern) {
    return of(pattern, new Groups());
  }

  static Width of(Node node, Groups groups) {
    return node.match(new Measure(groups));
  }

  /**
   * @param groups which know the width of what they have matched
   */
  private record Measure(Groups groups) implements Node.Cases<Width> {

    @Override
    public Width chars(Node.Chars chars) {
      return ONE;
    }

    @Override
    public Width start(Node.Start start) {
      return NOTHING;
    }

    @Override
    public Width end(Node.End end) {
      return NOTHING;
    }

    @Override
    public Width wordBoundary(Node.WordBoundary boundary) {
      return NOTHING;
    }

    @Override
    public Width sequence(Node.Sequence sequence) {
      var sum = NOTHING;
      for (var item : sequence.children()) {
        sum = sum.plus(item.match(this));
      }
      return sum;
    }

    @Override
    public Width alternation(Node.Alternation alternation) {
      var all = alternation.children().get(0).match(this);
      for (var branch : alternation.children()) {
        all = all.or(branch.match(this));
      }
      return all;
    }

    @Override
    public Width repeat(Node.Repeat repeat) {
      var item = repeat.item().match(this);
      return new Width(times(item.min, repeat.min()), times(item.max, repeat.max()));
    }

    @Override
    public Width group(Node.Group group) {
      return group.content().match(this);
    }

    @Override
    public Width atomic(Node.Atomic atomic) {
      return atomic.content().match(this);
    }

    @Override
    public Width look(Node.Look look) {
      return NOTHING;
    }

    @Override
    public Width backReference(Node.BackReference reference) {
      return groups.width(reference.number());
    }

    @Override
    public Width conditional(Node.Conditional conditional) {
      var no = conditional.no();
      return conditional.yes().match(this).or(no == null ? NOTHING : no.match(this));
    }
  }

  boolean isFixed() {
    return min == max;
  }

  private Width plus(Width other) {
    return new Width(sum(min, other.min), sum(max, other.max));
  }

  private Width or(Width other) {
    return new Width(Math.min(min, other.min), Math.max(max, other.max));
  }

  private static long sum(long a, long b) {
    var sum = a + b;
    return sum < 0 ? Node.UNLIMITED : sum;
  }

  private static long times(long a, long b) {
    if (a == 0 || b == 0) {
      return 0;
    }
    return a > Node.UNLIMITED / b ? Node.UNLIMITED : a * b;
  }
}
