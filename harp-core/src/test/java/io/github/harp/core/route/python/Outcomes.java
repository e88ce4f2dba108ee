// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

/** Asks a pattern as the index does. */
final class Outcomes {
  private Outcomes() {}

  static MatchOutcome of(PythonPattern pattern, String text) {
    return text.startsWith(pattern.prefix())
        ? pattern.lookingAt(text, new StepBudget(StepBudget.OF_A_REQUEST))
        : MatchOutcome.NO;
  }

  static MatchOutcome of(String pattern, String text) {
    return of(PythonPattern.of(pattern), text);
  }
}
