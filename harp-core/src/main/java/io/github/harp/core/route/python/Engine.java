// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

import io.github.harp.core.route.python.syntax.Node;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides whether a text begins with a match. Thread-safe. */
@FunctionalInterface
interface Engine {
  /** For a pattern that is one to Python but can't be decided here. */
  Engine UNDECIDED = (text, budget) -> Outcome.UNDECIDED;

  /** Linear time is only as good as the number of states that each character costs. */
  long MOST_STATES = 500;

  /** Throws {@link StepBudget.Exceeded} when there are no more steps. */
  Outcome lookingAt(String text, StepBudget budget);

  /** The engine for a pattern: one of linear time wherever that can decide it. */
  static Engine of(Node pattern) {
    if (Shape.refersIntoLoop(pattern)) {
      return undecided(pattern, "it refers to a group that is repeated");
    }
    if (!Shape.needsBacktracking(pattern) && Shape.states(pattern) <= MOST_STATES) {
      return Automaton.of(pattern);
    }
    try {
      return backtracking(Pattern.compile(RegexWriter.write(pattern)));
    } catch (PatternSyntaxException | StackOverflowError e) {
      return undecided(pattern, String.valueOf(e.getMessage()));
    }
  }

  private static Engine undecided(Node pattern, String why) {
    Logger log = LoggerFactory.getLogger(Engine.class);
    log.warn(
        "route pattern, read as {}: requests that come to it are refused, since {}",
        RegexWriter.write(pattern),
        why);
    return UNDECIDED;
  }

  private static Engine backtracking(Pattern pattern) {
    return (text, budget) -> {
      try {
        return pattern.matcher(budget.limited(text)).lookingAt() ? Outcome.YES : Outcome.NO;
      } catch (StackOverflowError e) {
        return Outcome.UNDECIDED;
      }
    };
  }
}
