// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python.syntax;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A parsed pattern. */
public sealed interface Node {
  /** The maximum of a repetition without one. */
  long UNLIMITED = Long.MAX_VALUE;

  /** One character out of a set. */
  record Chars(AsciiSet set) implements Node {}

  /** Where the text starts; a path has one line. */
  record Start() implements Node {}

  /** Where the text ends; no line feed comes before that. */
  record End() implements Node {}

  /** {@code \b}, or {@code \B}. */
  record WordBoundary(boolean negated) implements Node {}

  /** One after the other. */
  record Sequence(List<Node> children) implements Node {}

  /** The first that works out. */
  record Alternation(List<Node> children) implements Node {}

  /** The same several times; {@code max} may be {@link #UNLIMITED}. */
  record Repeat(Node item, long min, long max, Greed greed) implements Node {
    @Override
    public List<Node> children() {
      return List.of(item);
    }
  }

  /** A group, counted from 1; 0 for one that captures nothing. */
  record Group(int number, Node content) implements Node {
    @Override
    public List<Node> children() {
      return List.of(content);
    }
  }

  /** A group that is not entered again once left. */
  record Atomic(Node content) implements Node {
    @Override
    public List<Node> children() {
      return List.of(content);
    }
  }

  /** What is there, or not, without taking it. */
  record Look(boolean ahead, boolean negated, Node content) implements Node {
    @Override
    public List<Node> children() {
      return List.of(content);
    }
  }

  /** What a group has matched, again. */
  record BackReference(int number, boolean ignoreCase) implements Node {}

  /** Which of two goes on, by whether a group has matched. */
  record Conditional(int number, Node yes, @Nullable Node no) implements Node {
    @Override
    public List<Node> children() {
      return no == null ? List.of(yes) : List.of(yes, no);
    }
  }

  /** How a repetition gives back. */
  enum Greed {
    GREEDY,
    LAZY,
    POSSESSIVE
  }

  /** The nodes that it consists of. */
  default List<Node> children() {
    return List.of();
  }

  /** It and all nodes inside. */
  default Stream<Node> all() {
    return Stream.concat(Stream.of(this), children().stream().flatMap(Node::all));
  }
}
