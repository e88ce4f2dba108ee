// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config.environment;

import io.github.harp.launcher.config.environment.Environment.Syntax;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Numbers as the original's parts read them: Python's {@code int} and {@code float}, and a shell.
 */
public final class Numbers {

  private static final Pattern WHOLE = Pattern.compile("[+-]?\\d{1,9}");
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(\\d{1,9}\\.?\\d{0,9}|\\.\\d{1,9})([eE][+-]?\\d{1,2})?");

  private Numbers() {}

  /** Any whole number; blanks around it don't matter. */
  public static int whole(String text) {
    if (!WHOLE.matcher(text.strip()).matches()) {
      throw new IllegalArgumentException("a whole number");
    }
    return Integer.parseInt(text.strip());
  }

  public static Syntax<Integer> atLeastOne(String unit) {
    return text -> {
      if (!WHOLE.matcher(text.strip()).matches() || whole(text) < 1) {
        throw new IllegalArgumentException("a whole number of " + unit + ", at least 1");
      }
      return whole(text);
    };
  }

  /** A limit on how many; 0 is none. */
  public static int countOrNone(String text) {
    if (!WHOLE.matcher(text.strip()).matches() || whole(text) < 0) {
      throw new IllegalArgumentException("a whole number of requests, or 0 for no limit");
    }
    return whole(text);
  }

  /** Whole days, digits only, as far as a certificate may reach. */
  public static Duration days(String text) {
    if (!text.matches("\\d{1,5}") || Integer.parseInt(text) < 1) {
      throw new IllegalArgumentException("a whole number of days from 1 to 99999");
    }
    return Duration.ofDays(Integer.parseInt(text));
  }

  /** Seconds from 0 to 10 with a fraction. */
  public static Duration sessionLifetime(String text) {
    if (DECIMAL.matcher(text.strip()).matches()) {
      double seconds = Double.parseDouble(text.strip());
      if (seconds >= 0 && seconds <= 10) {
        return Duration.ofMillis(Math.round(seconds * 1000));
      }
    }
    throw new IllegalArgumentException("a number of seconds from 0 to 10");
  }
}
