// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import io.github.harp.operations.Check;
import io.github.harp.operations.Finding;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/** Whether this host and Nextcloud's agree on the time; certificates and logins depend on it. */
final class ClockCheck implements Check {

  private static final String NAME = "clock";
  private static final Duration TOLERANCE = Duration.ofMinutes(2);

  private final HttpProbe probe;
  private final String nextcloud;
  private final Clock clock;

  ClockCheck(HttpProbe probe, String nextcloud, Clock clock) {
    this.probe = probe;
    this.nextcloud = nextcloud;
    this.clock = clock;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Finding> examine() {
    var result = probe.get(nextcloud, Map.of());
    if (!(result instanceof HttpProbe.Answer answer) || answer.header("date").isEmpty()) {
      return List.of(
          Finding.note(
              NAME,
              "here it is " + now() + "; Nextcloud did not say what time it has",
              "could not be compared"));
    }
    Instant theirs;
    try {
      theirs =
          ZonedDateTime.parse(answer.header("date").get(), DateTimeFormatter.RFC_1123_DATE_TIME)
              .toInstant();
    } catch (DateTimeException e) {
      return List.of(
          Finding.note(NAME, "Nextcloud's Date header can't be read", "could not be compared"));
    }
    var difference = Duration.between(theirs, clock.instant());
    if (difference.abs().compareTo(TOLERANCE) <= 0) {
      return List.of(
          Finding.ok(NAME, "agrees with Nextcloud's within " + TOLERANCE.toSeconds() + " s"));
    }
    return List.of(
        Finding.warning(
            NAME,
            "here it is " + now() + ", at Nextcloud " + theirs,
            "certificates may be refused as expired or not yet valid, logs are hard to compare",
            "switch on time synchronisation (systemd-timesyncd, chrony) on both hosts"));
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }
}
