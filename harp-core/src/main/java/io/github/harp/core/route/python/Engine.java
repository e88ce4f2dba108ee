// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

import com.google.re2j.PatternSyntaxException;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides whether a text begins with a match. Thread-safe. */
@FunctionalInterface
interface Engine {
  Outcome lookingAt(String text, StepBudget budget);

  /** Linear time is only as good as the number of states that each character costs. */
  long MOST_STATES = 500;

  /** The engine for a pattern: one of linear time wherever it can decide it. */
  static Engine of(Node pattern) {
    var syntax = RegexWriter.write(pattern);
    try {
      return !Shape.needsBacktracking(pattern) && Shape.states(pattern) <= MOST_STATES
          ? linear(com.google.re2j.Pattern.compile(syntax))
          : backtracking(Pattern.compile(syntax));
    } catch (PatternSyntaxException
        | java.util.regex.PatternSyntaxException
        | StackOverflowError e) {
      Logger log = LoggerFactory.getLogger(Engine.class);
      log.warn(
          "route pattern as {}: requests that come to it are refused, no engine takes it: {}",
          syntax,
          e.getMessage());
      return undecided();
    }
  }

  /** For a pattern that is one to Python but can't be decided here. */
  static Engine undecided() {
    return (text, budget) -> Outcome.UNDECIDED;
  }

  private static Engine linear(com.google.re2j.Pattern pattern) {
    return (text, budget) -> pattern.matcher(text).lookingAt() ? Outcome.YES : Outcome.NO;
  }

  private static Engine backtracking(Pattern pattern) {
    return (text, budget) -> {
      try {
        return pattern.matcher(budget.limited(text)).lookingAt() ? Outcome.YES : Outcome.NO;
      } catch (StepBudget.Exceeded | StackOverflowError e) {
        return Outcome.UNDECIDED;
      }
    };
  }
}
