// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

/**
 * How much work one request may cause in deciding about patterns. Shared by all patterns that are
 * tried, in all spellings of the path; used by one thread.
 *
 * <p>A step is what an automaton does with one state, measured: about 4 ns. Whatever else is done
 * counts as many steps as it takes their time, so that all of them are less than 10 ms of CPU.
 */
public final class StepBudget {
  /** As many as a request gets. */
  public static final int OF_A_REQUEST = 1_000_000;

  /** A backtracking engine looks at a character: a few nodes of its pattern, and the call. */
  private static final int STEPS_TO_LOOK_BACK = 4;

  private int left;

  public StepBudget(int steps) {
    this.left = steps;
  }

  /** Spends steps; {@link Exceeded} is thrown when there are no more. */
  void spend(int steps) {
    left -= steps;
    if (left < 0) {
      throw new Exceeded();
    }
  }

  /** A text that stops whoever reads it too often. */
  CharSequence limited(String text) {
    return new LimitedText(text, 0, text.length());
  }

  /** Unwinds an engine; caught where the engine was started. */
  static final class Exceeded extends Error {
    private static final long serialVersionUID = 1L;

    Exceeded() {
      super("step budget exceeded", null, false, false);
    }
  }

  private final class LimitedText implements CharSequence {
    private final String text;
    private final int start;
    private final int end;

    LimitedText(String text, int start, int end) {
      this.text = text;
      this.start = start;
      this.end = end;
    }

    @Override
    public int length() {
      return end - start;
    }

    @Override
    public char charAt(int index) {
      spend(STEPS_TO_LOOK_BACK);
      return text.charAt(start + index);
    }

    @Override
    public CharSequence subSequence(int from, int to) {
      return new LimitedText(text, start + from, start + to);
    }

    @Override
    public String toString() {
      return text.substring(start, end);
    }
  }
}
