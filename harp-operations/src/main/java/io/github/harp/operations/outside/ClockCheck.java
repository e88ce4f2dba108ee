// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.outside;

import io.github.harp.core.notice.Finding;
import io.github.harp.operations.Check;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.stream.Stream;

/** Whether this host and Nextcloud's agree on the time; certificates and logins depend on it. */
public record ClockCheck(HttpProbe probe, String nextcloud, Clock clock) implements Check {

  private static final Duration TOLERANCE = Duration.ofMinutes(2);

  @Override
  public Stream<Finding> examine() {
    var here = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    var date = probe.get(nextcloud, Map.of()).answer().flatMap(answer -> answer.header("date"));
    if (date.isEmpty()) {
      return Stream.of(
          Finding.note(
              "here it is " + here + "; Nextcloud did not say what time it has",
              "could not be compared"));
    }
    try {
      return Stream.of(judge(here, instant(date.get())));
    } catch (DateTimeException e) {
      return Stream.of(
          Finding.note("Nextcloud's Date header can't be read", "could not be compared"));
    }
  }

  private static Instant instant(String date) {
    return ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
  }

  private static Finding judge(Instant here, Instant theirs) {
    return Duration.between(theirs, here).abs().compareTo(TOLERANCE) <= 0
        ? Finding.ok("agrees with Nextcloud's within " + TOLERANCE.toSeconds() + " s")
        : Finding.warning(
            "here it is " + here + ", at Nextcloud " + theirs,
            "certificates may be refused as expired or not yet valid, logs are hard to compare",
            "switch on time synchronisation (systemd-timesyncd, chrony) on both hosts");
  }
}
