// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python.syntax;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A parsed pattern. */
public sealed interface Node {
  /** The maximum of a repetition without one. */
  long UNLIMITED = Long.MAX_VALUE;

  /** What an automaton can decide, if it can decide what is inside. */
  sealed interface Regular extends Node {}

  /** What only an engine can decide that tries and goes back. */
  sealed interface Extension extends Node {}

  /** What becomes of each kind of node; who answers for one answers for all. */
  interface Cases<T> {
    T chars(Chars node);

    T start(Start node);

    T end(End node);

    T wordBoundary(WordBoundary node);

    T sequence(Sequence node);

    T alternation(Alternation node);

    T repeat(Repeat node);

    T group(Group node);

    T atomic(Atomic node);

    T look(Look node);

    T backReference(BackReference node);

    T conditional(Conditional node);
  }

  <T> T match(Cases<T> cases);

  /** One character out of a set. */
  record Chars(AsciiSet set) implements Regular {
    @Override
    public <T> T match(Cases<T> cases) {
      return cases.chars(this);
    }
  }

  /** Where the text starts; a path has one line. */
  record Start() implements Regular {
    @Override
    public <T> T match(Cases<T> cases) {
      return cases.start(this);
    }
  }

  /** Where the text ends; no line feed comes before that. */
  record End() implements Regular {
    @Override
    public <T> T match(Cases<T> cases) {
      return cases.end(this);
    }
  }

  /** {@code \b}, or {@code \B}. */
  record WordBoundary(boolean negated) implements Regular {
    @Override
    public <T> T match(Cases<T> cases) {
      return cases.wordBoundary(this);
    }
  }

  /** One after the other. */
  record Sequence(List<Node> children) implements Regular {
    @Override
    public <T> T match(Cases<T> cases) {
      return cases.sequence(this);
    }
  }

  /** The first that works out. */
  record Alternation(List<Node> children) implements Regular {
    @Override
    public <T> T match(Cases<T> cases) {
      return cases.alternation(this);
    }
  }

  /** The same several times; {@code max} may be {@link #UNLIMITED}. */
  record Repeat(Node item, long min, long max, Greed greed) implements Regular {
    @Override
    public <T> T match(Cases<T> cases) {
      return cases.repeat(this);
    }

    @Override
    public List<Node> children() {
      return List.of(item);
    }
  }

  /** A group, counted from 1; 0 for one that captures nothing. */
  record Group(int number, Node content) implements Regular {
    @Override
    public <T> T match(Cases<T> cases) {
      return cases.group(this);
    }

    @Override
    public List<Node> children() {
      return List.of(content);
    }
  }

  /** A group that is not entered again once left. */
  record Atomic(Node content) implements Extension {
    @Override
    public <T> T match(Cases<T> cases) {
      return cases.atomic(this);
    }

    @Override
    public List<Node> children() {
      return List.of(content);
    }
  }

  /** What is there, or not, without taking it. */
  record Look(boolean ahead, boolean negated, Node content) implements Extension {
    @Override
    public <T> T match(Cases<T> cases) {
      return cases.look(this);
    }

    @Override
    public List<Node> children() {
      return List.of(content);
    }
  }

  /** What a group has matched, again. */
  record BackReference(int number, boolean ignoreCase) implements Extension {
    @Override
    public <T> T match(Cases<T> cases) {
      return cases.backReference(this);
    }
  }

  /** Which of two goes on, by whether a group has matched. */
  record Conditional(int number, Node yes, @Nullable Node no) implements Extension {
    @Override
    public <T> T match(Cases<T> cases) {
      return cases.conditional(this);
    }

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
