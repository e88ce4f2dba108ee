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
 * <p>Most are decided by comparing their {@linkplain #prefix literal prefix}; the others by an
 * engine that is made when it is first needed. Thread-safe.
 */
public final class PythonPattern {
  private final String prefix;
  private final LiteralPrefix.Rest rest;
  private final Node pattern;
  private volatile @Nullable Engine engine;

  private PythonPattern(Node pattern, LiteralPrefix prefix, @Nullable Engine engine) {
    this.pattern = pattern;
    this.prefix = prefix.text();
    this.rest = prefix.rest();
    this.engine = engine;
  }

  /**
   * Parses a pattern. One that Python takes but that is beyond the limits here is {@link
   * Outcome#UNDECIDED} for every text.
   *
   * @throws HarpException {@code BAD_REQUEST} when Python would not compile it
   */
  public static PythonPattern of(String text) {
    try {
      var pattern = PatternParser.parse(text);
      return new PythonPattern(pattern, LiteralPrefix.of(pattern), null);
    } catch (HarpException e) {
      if (e.code() != HarpException.Code.UNAVAILABLE) {
        throw e;
      }
      var unknown = new LiteralPrefix("", LiteralPrefix.Rest.PATTERN);
      return new PythonPattern(new Node.Start(), unknown, Engine.UNDECIDED);
    }
  }

  /** What every match begins with; empty when that is not known. */
  public String prefix() {
    return prefix;
  }

  /**
   * Whether a text of printable ASCII begins with a match.
   *
   * @param text which starts with {@link #prefix}
   */
  public Outcome lookingAt(String text, StepBudget budget) {
    return switch (rest) {
      case ANYTHING -> Outcome.YES;
      case END -> text.length() == prefix.length() ? Outcome.YES : Outcome.NO;
      case PATTERN -> engine().lookingAt(text, budget);
    };
  }

  private Engine engine() {
    var made = engine;
    if (made == null) {
      made = Engine.of(pattern);
      engine = made;
    }
    return made;
  }
}
