// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

import io.github.harp.core.route.python.syntax.Node;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides whether a text begins with a match. Thread-safe. */
@FunctionalInterface
interface PatternEngine {
  /** For a pattern that is one to Python but can't be decided here. */
  PatternEngine UNDECIDED = (text, budget) -> MatchOutcome.UNDECIDED;

  /** Linear time is only as good as the number of states that each character costs. */
  long MOST_STATES = 500;

  /** Throws {@link StepBudget.Exceeded} when there are no more steps. */
  MatchOutcome lookingAt(String text, StepBudget budget);

  /** The engine for a pattern: one of linear time wherever that can decide it. */
  static PatternEngine of(Node pattern) {
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

  private static PatternEngine undecided(Node pattern, String why) {
    Logger log = LoggerFactory.getLogger(PatternEngine.class);
    log.warn(
        "route pattern, read as {}: requests that come to it are refused, since {}",
        RegexWriter.write(pattern),
        why);
    return UNDECIDED;
  }

  private static PatternEngine backtracking(Pattern pattern) {
    return (text, budget) -> {
      try {
        return pattern.matcher(budget.limited(text)).lookingAt()
            ? MatchOutcome.YES
            : MatchOutcome.NO;
      } catch (StackOverflowError e) {
        return MatchOutcome.UNDECIDED;
      }
    };
  }
}
