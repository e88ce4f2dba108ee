// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config.environment;

import java.time.Duration;
import java.util.regex.Pattern;

/** How long something is good for that somebody is given: {@code 30m}, {@code 8h}, {@code 7d}. */
public final class Validity {

  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,5})([mhd])");
  private static final Duration LONGEST = Duration.ofDays(366);

  private Validity() {}

  /**
   * @throws IllegalArgumentException saying what is expected
   */
  public static Duration parse(String text) {
    var form = FORM.matcher(text);
    if (form.matches()) {
      var number = Long.parseLong(form.group(1));
      var time =
          switch (form.group(2)) {
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
          };
      if (time.compareTo(LONGEST) <= 0) {
        return time;
      }
    }
    throw new IllegalArgumentException("a time such as 30m, 8h or 7d, of at most 366d");
  }
}
