// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

import io.github.harp.core.route.python.syntax.AsciiSet;
import io.github.harp.core.route.python.syntax.Node;
import io.github.harp.core.route.python.syntax.Node.Greed;
import io.github.harp.core.route.python.syntax.Width;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes a parsed pattern in the syntax of {@code java.util.regex}. */
final class RegexWriter {
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
    var writer = new RegexWriter(pattern);
    writer.append(pattern);
    return writer.out.toString();
  }

  private void append(Node node) {
    if (node instanceof Node.Chars chars) {
      appendSet(chars.set());
    } else if (node instanceof Node.Start) {
      out.append("\\A");
    } else if (node instanceof Node.End) {
      out.append("\\z");
    } else if (node instanceof Node.WordBoundary boundary) {
      out.append(boundary.negated() ? "\\B" : "\\b");
    } else if (node instanceof Node.Sequence sequence) {
      sequence.children().forEach(this::append);
    } else if (node instanceof Node.Alternation alternation) {
      appendAlternation(alternation);
    } else if (node instanceof Node.Repeat repeat) {
      appendRepeat(repeat);
    } else if (node instanceof Node.Group group) {
      appendGroup(group);
    } else if (node instanceof Node.Atomic atomic) {
      enclose("(?>", atomic.content());
    } else if (node instanceof Node.Look look) {
      enclose((look.ahead() ? "(?" : "(?<") + (look.negated() ? "!" : "="), look.content());
    } else if (node instanceof Node.BackReference reference) {
      out.append(reference.ignoreCase() ? "(?i:" : "(?:");
      out.append("\\k<g").append(reference.number()).append(">)");
    } else if (node instanceof Node.Conditional conditional) {
      appendConditional(conditional);
    }
  }

  private void enclose(String opening, Node content) {
    out.append(opening);
    append(content);
    out.append(')');
  }

  private void appendAlternation(Node.Alternation alternation) {
    var separator = "(?:";
    for (var branch : alternation.children()) {
      out.append(separator);
      append(branch);
      separator = "|";
    }
    out.append(')');
  }

  private void appendRepeat(Node.Repeat repeat) {
    if (repeat.max() == 1 && repeat.greed() != Greed.POSSESSIVE) {
      appendOptional(repeat);
      return;
    }
    appendItem(repeat.item());
    var most = matchesNothingOnly(repeat.item()) ? 1 : MANY;
    out.append('{').append(Math.min(repeat.min(), most)).append(',');
    if (repeat.max() <= MANY) {
      out.append(Math.min(repeat.max(), most));
    }
    out.append('}');
    out.append(
        switch (repeat.greed()) {
          case GREEDY -> "";
          case LAZY -> "?";
          case POSSESSIVE -> "+";
        });
  }

  /** As alternatives: Java forgets groups when it goes back over these. */
  private void appendOptional(Node.Repeat repeat) {
    var mayBeMissing = repeat.min() == 0;
    out.append(mayBeMissing && repeat.greed() == Greed.LAZY ? "(?:|" : "(?:");
    append(repeat.item());
    out.append(mayBeMissing && repeat.greed() == Greed.GREEDY ? "|)" : ")");
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
  private void appendGroup(Node.Group group) {
    var number = group.number();
    var opening = referred.contains(number) ? "(?<g" + number + ">" : "(?:";
    if (conditions.contains(number)) {
      out.append("(?:");
      enclose(opening, group.content());
      out.append("(?<c").append(number).append(">))");
    } else {
      enclose(opening, group.content());
    }
  }

  private void appendConditional(Node.Conditional conditional) {
    var hasMatched = "\\k<c" + conditional.number() + ">";
    out.append("(?:").append(hasMatched);
    append(conditional.yes());
    out.append("|(?!").append(hasMatched).append(')');
    if (conditional.no() != null) {
      append(conditional.no());
    }
    out.append(')');
  }

  private void appendSet(AsciiSet set) {
    if (set.equals(AsciiSet.ALL)) {
      out.append('.');
      return;
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
    out.append(']');
  }

  private void appendEscaped(int c) {
    out.append("\\x").append(Integer.toHexString(c));
  }
}
