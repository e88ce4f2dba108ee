// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

import io.github.harp.core.route.python.syntax.AsciiSet;
import io.github.harp.core.route.python.syntax.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * A pattern as a nondeterministic automaton, all of whose states are followed at once (Thompson
 * 1968): each character costs as many steps as there are ways to have got there, and the steps are
 * counted. Takes patterns without what {@link Shape#needsBacktracking} names. Thread-safe.
 */
final class Automaton implements PatternEngine {

  /** What has to hold to go on from a state; a split goes on in two. */
  private enum Kind {
    MATCH,
    CHARS,
    SPLIT,
    START,
    END,
    BOUNDARY,
    NO_BOUNDARY
  }

  private record State(Kind kind, AsciiSet set, int next, int other) {}

  private final State[] states;
  private final int entry;

  private Automaton(State[] states, int entry) {
    this.states = states;
    this.entry = entry;
  }

  static Automaton of(Node pattern) {
    var writer = new Writer();
    var entry = writer.append(pattern, writer.add(Kind.MATCH, 0));
    return new Automaton(writer.states.toArray(State[]::new), entry);
  }

  /** Writes states from the end of the pattern to its beginning: each knows what comes next. */
  private static final class Writer implements Node.Cases<IntUnaryOperator> {
    private final List<State> states = new ArrayList<>();

    int add(Kind kind, int next) {
      return add(new State(kind, AsciiSet.EMPTY, next, next));
    }

    private int add(State state) {
      states.add(state);
      return states.size() - 1;
    }

    private int split(int next, int other) {
      return add(new State(Kind.SPLIT, AsciiSet.EMPTY, next, other));
    }

    /** The entry of what a node becomes, where the rest is entered at {@code next}. */
    int append(Node node, int next) {
      return node.match(this).applyAsInt(next);
    }

    @Override
    public IntUnaryOperator chars(Node.Chars chars) {
      return next -> add(new State(Kind.CHARS, chars.set(), next, next));
    }

    @Override
    public IntUnaryOperator start(Node.Start start) {
      return next -> add(Kind.START, next);
    }

    @Override
    public IntUnaryOperator end(Node.End end) {
      return next -> add(Kind.END, next);
    }

    @Override
    public IntUnaryOperator wordBoundary(Node.WordBoundary boundary) {
      return next -> add(boundary.negated() ? Kind.NO_BOUNDARY : Kind.BOUNDARY, next);
    }

    @Override
    public IntUnaryOperator group(Node.Group group) {
      return next -> append(group.content(), next);
    }

    @Override
    public IntUnaryOperator sequence(Node.Sequence sequence) {
      var items = sequence.children();
      return next -> {
        var entry = next;
        for (var i = items.size() - 1; i >= 0; i--) {
          entry = append(items.get(i), entry);
        }
        return entry;
      };
    }

    @Override
    public IntUnaryOperator alternation(Node.Alternation alternation) {
      var branches = alternation.children();
      return next -> {
        var entry = append(branches.get(branches.size() - 1), next);
        for (var i = branches.size() - 2; i >= 0; i--) {
          entry = split(append(branches.get(i), next), entry);
        }
        return entry;
      };
    }

    @Override
    public IntUnaryOperator repeat(Node.Repeat repeat) {
      return next -> {
        var entry = next;
        if (repeat.max() == Node.UNLIMITED) {
          entry = split(next, next);
          states.set(
              entry, new State(Kind.SPLIT, AsciiSet.EMPTY, append(repeat.item(), entry), next));
        } else {
          for (var i = repeat.min(); i < repeat.max(); i++) {
            entry = split(append(repeat.item(), entry), next);
          }
        }
        for (var i = 0; i < repeat.min(); i++) {
          entry = append(repeat.item(), entry);
        }
        return entry;
      };
    }

    @Override
    public IntUnaryOperator atomic(Node.Atomic atomic) {
      throw undecidable(atomic);
    }

    @Override
    public IntUnaryOperator look(Node.Look look) {
      throw undecidable(look);
    }

    @Override
    public IntUnaryOperator backReference(Node.BackReference reference) {
      throw undecidable(reference);
    }

    @Override
    public IntUnaryOperator conditional(Node.Conditional conditional) {
      throw undecidable(conditional);
    }

    private static RuntimeException undecidable(Node.Extension node) {
      return new IllegalArgumentException("an automaton can't decide " + node);
    }
  }

  @Override
  public MatchOutcome lookingAt(String text, StepBudget budget) {
    return new Walk(text, budget).lookingAt() ? MatchOutcome.YES : MatchOutcome.NO;
  }

  /** One text while it is read. */
  private final class Walk {
    private final String text;
    private final StepBudget budget;
    private final int[] reachedAt = new int[states.length];
    private int[] here = new int[states.length];
    private int[] there = new int[states.length];
    private int size;
    private boolean matched;

    Walk(String text, StepBudget budget) {
      this.text = text;
      this.budget = budget;
      Arrays.fill(reachedAt, -1);
    }

    boolean lookingAt() {
      reach(entry, 0);
      for (var at = 0; !matched && size > 0 && at < text.length(); at++) {
        var c = text.charAt(at);
        var last = here;
        var count = size;
        here = there;
        there = last;
        size = 0;
        budget.spend(count);
        for (var i = 0; i < count && !matched; i++) {
          var state = states[last[i]];
          if (state.set.contains(c)) {
            reach(state.next, at + 1);
          }
        }
      }
      return matched;
    }

    /** The states of a place that read a character are noted; the others lead on at once. */
    private void reach(int first, int at) {
      var number = first;
      while (!matched && reachedAt[number] != at) {
        budget.spend(1);
        reachedAt[number] = at;
        if (!leadsOn(number, at)) {
          return;
        }
        number = states[number].other;
      }
    }

    private boolean leadsOn(int number, int at) {
      var state = states[number];
      return switch (state.kind) {
        case MATCH -> {
          matched = true;
          yield false;
        }
        case CHARS -> {
          here[size++] = number;
          yield false;
        }
        case SPLIT -> {
          reach(state.next, at);
          yield true;
        }
        case START -> at == 0;
        case END -> at == text.length();
        case BOUNDARY -> isBoundary(at);
        case NO_BOUNDARY -> !isBoundary(at);
      };
    }

    private boolean isBoundary(int at) {
      return isWord(at - 1) != isWord(at);
    }

    private boolean isWord(int at) {
      return at >= 0 && at < text.length() && AsciiSet.WORD.contains(text.charAt(at));
    }
  }
}
