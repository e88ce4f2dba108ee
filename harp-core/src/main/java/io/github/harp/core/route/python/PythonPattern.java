// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

import io.github.harp.core.HarpException;
import io.github.harp.core.route.python.syntax.Node;
import io.github.harp.core.route.python.syntax.PatternParser;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression of Python's {@code re} module with the meaning of {@code re.match}: it must
 * match at the beginning of a text, and need not reach its end.
 *
 * <p>Most are decided by comparing their {@linkplain #prefix literal prefix}, and the literal text
 * that must follow it; the others by an engine that is made when it is first needed. Thread-safe.
 */
public final class PythonPattern {
  private static final int STEPS_TO_TRY = 16;
  private static final int CHARACTERS_SEARCHED_IN_A_STEP = 8;

  private final Literals literals;
  private final Node pattern;
  private volatile @Nullable PatternEngine engine;

  private PythonPattern(Node pattern, Literals literals, @Nullable PatternEngine engine) {
    this.pattern = pattern;
    this.literals = literals;
    this.engine = engine;
  }

  /**
   * Parses a pattern. One that Python takes but that is beyond the limits here is {@link
   * MatchOutcome#UNDECIDED} for every text.
   *
   * @throws HarpException {@code BAD_REQUEST} when Python would not compile it
   */
  public static PythonPattern of(String text) {
    try {
      var pattern = PatternParser.parse(text);
      return new PythonPattern(pattern, Literals.of(pattern), null);
    } catch (HarpException e) {
      if (e.code() != HarpException.Code.UNAVAILABLE) {
        throw e;
      }
      return new PythonPattern(new Node.Start(), Literals.UNKNOWN, PatternEngine.UNDECIDED);
    }
  }

  /** What every match begins with; empty when that is not known. */
  public String prefix() {
    return literals.prefix();
  }

  /**
   * Whether a text of printable ASCII begins with a match.
   *
   * @param text which starts with {@link #prefix}
   */
  public MatchOutcome lookingAt(String text, StepBudget budget) {
    return switch (literals.rest()) {
      case ANYTHING -> MatchOutcome.YES;
      case END -> text.length() == literals.prefix().length() ? MatchOutcome.YES : MatchOutcome.NO;
      case PATTERN -> byPattern(text, budget);
    };
  }

  private MatchOutcome byPattern(String text, StepBudget budget) {
    try {
      budget.spend(STEPS_TO_TRY + text.length() / CHARACTERS_SEARCHED_IN_A_STEP);
      return mayMatch(text) ? engine().lookingAt(text, budget) : MatchOutcome.NO;
    } catch (StepBudget.Exceeded e) {
      return MatchOutcome.UNDECIDED;
    }
  }

  private boolean mayMatch(String text) {
    return text.indexOf(literals.inner(), literals.prefix().length()) >= 0;
  }

  private PatternEngine engine() {
    var made = engine;
    if (made == null) {
      made = PatternEngine.of(pattern);
      engine = made;
    }
    return made;
  }
}
