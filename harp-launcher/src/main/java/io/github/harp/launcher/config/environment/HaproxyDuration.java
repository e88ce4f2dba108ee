// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config.environment;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * A length of time as HAProxy writes it: whole number and optional unit, milliseconds without one.
 */
public final class HaproxyDuration {

  private static final Pattern FORM = Pattern.compile("(\\d{1,18})(us|ms|s|m|h|d)?");

  /** HAProxy counts milliseconds in 31 bits. */
  private static final Duration LONGEST = Duration.ofMillis(Integer.MAX_VALUE);

  private static final String EXPECTED =
      "a whole number with an optional unit us, ms, s, m, h or d (ms without one), at most 24 days,"
          + " such as 30s";

  private HaproxyDuration() {}

  public static Duration parse(String text) {
    var form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(EXPECTED);
    }
    long number = Long.parseLong(form.group(1));
    var unit = form.group(2);
    try {
      var duration =
          switch (unit == null ? "ms" : unit) {
            case "us" -> Duration.ofMillis(number / 1000 + (number % 1000 == 0 ? 0 : 1));
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            default -> Duration.ofMillis(number);
          };
      if (duration.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException(EXPECTED);
      }
      return duration;
    } catch (ArithmeticException overflow) {
      throw new IllegalArgumentException(EXPECTED, overflow);
    }
  }
}
