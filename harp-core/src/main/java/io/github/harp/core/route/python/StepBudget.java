// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

/**
 * How much work one path may cause in backtracking engines, in characters looked at. Shared by all
 * patterns that are tried on the path; used by one thread.
 */
public final class StepBudget {
  private static final int STEPS = 250_000;

  private int left = STEPS;

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
      if (--left < 0) {
        throw new Exceeded();
      }
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
