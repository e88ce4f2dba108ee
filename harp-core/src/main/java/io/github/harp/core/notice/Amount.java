// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.notice;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Numbers as people read them. */
public final class Amount {

  private static final List<String> UNITS = List.of("B", "kB", "MB", "GB", "TB");

  private Amount() {}

  /** {@code 1 file}, {@code 2 files}. */
  public static String of(long number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  /** {@code 1.2 GB}. */
  public static String bytes(long count) {
    double value = count;
    var unit = 0;
    while (value >= 1_000 && unit < UNITS.size() - 1) {
      value /= 1_000;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, UNITS.get(unit));
  }

  /** {@code 0:07}, {@code 1:02:03}. */
  public static String time(Duration time) {
    return time.toHours() > 0
        ? "%d:%02d:%02d".formatted(time.toHours(), time.toMinutesPart(), time.toSecondsPart())
        : "%d:%02d".formatted(time.toMinutes(), time.toSecondsPart());
  }
}
