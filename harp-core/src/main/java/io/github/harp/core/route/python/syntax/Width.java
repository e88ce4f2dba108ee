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
    if (node instanceof Node.Chars) {
      return ONE;
    }
    if (node instanceof Node.Sequence sequence) {
      var sum = NOTHING;
      for (var item : sequence.children()) {
        sum = sum.plus(of(item, groups));
      }
      return sum;
    }
    if (node instanceof Node.Alternation alternation) {
      var all = of(alternation.children().get(0), groups);
      for (var branch : alternation.children()) {
        all = all.or(of(branch, groups));
      }
      return all;
    }
    if (node instanceof Node.Repeat repeat) {
      var item = of(repeat.item(), groups);
      return new Width(times(item.min, repeat.min()), times(item.max, repeat.max()));
    }
    if (node instanceof Node.Group group) {
      return of(group.content(), groups);
    }
    if (node instanceof Node.Atomic atomic) {
      return of(atomic.content(), groups);
    }
    if (node instanceof Node.BackReference reference) {
      return groups.width(reference.number());
    }
    if (node instanceof Node.Conditional conditional) {
      var no = conditional.no();
      return of(conditional.yes(), groups).or(no == null ? NOTHING : of(no, groups));
    }
    return NOTHING;
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
