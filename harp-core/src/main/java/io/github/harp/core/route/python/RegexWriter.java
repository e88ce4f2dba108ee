// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

import io.github.harp.core.route.python.syntax.AsciiSet;
import io.github.harp.core.route.python.syntax.Node;
import io.github.harp.core.route.python.syntax.Node.Greed;
import io.github.harp.core.route.python.syntax.Width;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes a parsed pattern in the syntax of {@code java.util.regex}. */
final class RegexWriter implements Node.Cases<StringBuilder> {
  /** More characters than any path has, fewer than the engine's counters hold. */
  private static final long MANY = 1 << 20;

  private final StringBuilder out = new StringBuilder();
  private final Set<Integer> referred;
  private final Set<Integer> conditions;

  private RegexWriter(Node pattern) {
    referred = Shape.backReferences(pattern).collect(Collectors.toSet());
    conditions = Shape.conditions(pattern).collect(Collectors.toSet());
  }

  static String write(Node pattern) {
    return new RegexWriter(pattern).append(pattern).toString();
  }

  private StringBuilder append(Node node) {
    return node.match(this);
  }

  @Override
  public StringBuilder start(Node.Start start) {
    return out.append("\\A");
  }

  @Override
  public StringBuilder end(Node.End end) {
    return out.append("\\z");
  }

  @Override
  public StringBuilder wordBoundary(Node.WordBoundary boundary) {
    return out.append(boundary.negated() ? "\\B" : "\\b");
  }

  @Override
  public StringBuilder sequence(Node.Sequence sequence) {
    sequence.children().forEach(this::append);
    return out;
  }

  @Override
  public StringBuilder atomic(Node.Atomic atomic) {
    return enclose("(?>", atomic.content());
  }

  @Override
  public StringBuilder look(Node.Look look) {
    return enclose((look.ahead() ? "(?" : "(?<") + (look.negated() ? "!" : "="), look.content());
  }

  @Override
  public StringBuilder backReference(Node.BackReference reference) {
    out.append(reference.ignoreCase() ? "(?i:" : "(?:");
    return out.append("\\k<g").append(reference.number()).append(">)");
  }

  private StringBuilder enclose(String opening, Node content) {
    out.append(opening);
    return append(content).append(')');
  }

  @Override
  public StringBuilder alternation(Node.Alternation alternation) {
    var separator = "(?:";
    for (var branch : alternation.children()) {
      out.append(separator);
      append(branch);
      separator = "|";
    }
    return out.append(')');
  }

  @Override
  public StringBuilder repeat(Node.Repeat repeat) {
    if (repeat.max() == 1 && repeat.greed() != Greed.POSSESSIVE) {
      return appendOptional(repeat);
    }
    appendItem(repeat.item());
    var most = matchesNothingOnly(repeat.item()) ? 1 : MANY;
    out.append('{').append(Math.min(repeat.min(), most)).append(',');
    if (repeat.max() <= MANY) {
      out.append(Math.min(repeat.max(), most));
    }
    out.append('}');
    return out.append(
        switch (repeat.greed()) {
          case GREEDY -> "";
          case LAZY -> "?";
          case POSSESSIVE -> "+";
        });
  }

  /** As alternatives: Java forgets groups when it goes back over these. */
  private StringBuilder appendOptional(Node.Repeat repeat) {
    var mayBeMissing = repeat.min() == 0;
    out.append(mayBeMissing && repeat.greed() == Greed.LAZY ? "(?:|" : "(?:");
    append(repeat.item());
    return out.append(mayBeMissing && repeat.greed() == Greed.GREEDY ? "|)" : ")");
  }

  private void appendItem(Node item) {
    if (item instanceof Node.Chars) {
      append(item);
    } else {
      enclose("(?:", item);
    }
  }

  private boolean matchesNothingOnly(Node item) {
    return Width.of(item).max() == 0 && Shape.backReferences(item).findAny().isEmpty();
  }

  /** A group that is asked about is followed by an empty one, which matches wherever it has. */
  @Override
  public StringBuilder group(Node.Group group) {
    var number = group.number();
    var opening = referred.contains(number) ? "(?<g" + number + ">" : "(?:";
    if (!conditions.contains(number)) {
      return enclose(opening, group.content());
    }
    out.append("(?:");
    return enclose(opening, group.content()).append("(?<c").append(number).append(">))");
  }

  @Override
  public StringBuilder conditional(Node.Conditional conditional) {
    var hasMatched = "\\k<c" + conditional.number() + ">";
    out.append("(?:").append(hasMatched);
    append(conditional.yes());
    out.append("|(?!").append(hasMatched).append(')');
    if (conditional.no() != null) {
      append(conditional.no());
    }
    return out.append(')');
  }

  @Override
  public StringBuilder chars(Node.Chars chars) {
    var set = chars.set();
    if (set.equals(AsciiSet.ALL)) {
      return out.append('.');
    }
    out.append('[');
    if (set.equals(AsciiSet.EMPTY)) {
      out.append("^\\x00-\\x{10FFFF}");
    }
    for (int from = AsciiSet.FIRST; from <= AsciiSet.LAST; from++) {
      if (set.contains(from)) {
        var to = from;
        while (to < AsciiSet.LAST && set.contains(to + 1)) {
          to++;
        }
        appendEscaped(from);
        if (to > from) {
          out.append('-');
          appendEscaped(to);
        }
        from = to;
      }
    }
    return out.append(']');
  }

  private void appendEscaped(int c) {
    out.append("\\x").append(Integer.toHexString(c));
  }
}
