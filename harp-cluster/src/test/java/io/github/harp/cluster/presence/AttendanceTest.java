// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.presence;

import static io.github.harp.core.testing.Wait.resultOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.cluster.HarpClusterOptions;
import io.github.harp.cluster.RedisServers;
import io.github.harp.core.InstanceName;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a node makes of what those who are there say of one Nextcloud. */
class AttendanceTest {

  private static final String NAME = "second";

  private final Vertx vertx = Vertx.vertx();
  private Attendance attendance;

  @BeforeEach
  void begin() {
    var options =
        new HarpClusterOptions(
            RedisServers.parse("redis://127.0.0.1:1"), Optional.empty(), Optional.empty(), "here");
    attendance =
        new Roster(
                vertx,
                vertx.getOrCreateContext(),
                options,
                "1.2.3",
                Clock.systemUTC(),
                System::nanoTime)
            .of(new InstanceName(NAME));
  }

  @AfterEach
  void end() {
    resultOf(vertx.close());
  }

  private static Beat says(String of, Attendance.Word word) {
    return new Beat(
        "1.2.3", "key", "writer", 1, Duration.ZERO, "run", Optional.empty(), Map.of(of, word));
  }

  /** By one with the key of an attendance that is not opened. */
  private static Attendance.Word word(String run, long knows) {
    return new Attendance.Word("", run, 1, 0, knows);
  }

  private void look(Beat... beats) {
    attendance.looked(List.of(beats));
  }

  @Test
  void whatItKnowsItselfIsNothingThatAnotherDoes() {
    attendance.tellAll(true);
    look(says(NAME, attendance.word()));
    assertThat(attendance.said()).containsOnlyKeys(attendance.run());
    assertThat(attendance.known()).isZero();

    look(says(NAME, attendance.word()), says(NAME, word("one", 5)), says(NAME, word("two", 3)));
    assertThat(attendance.known()).isEqualTo(Duration.ofMillis(5));
  }

  @Test
  void wordsOnAnotherNextcloudOrByThoseWithAnotherKeyAreNotForIt() {
    look(says("", word("one", 5)), says(NAME, new Attendance.Word("another key", "two", 1, 0, 5)));

    assertThat(attendance.said()).isEmpty();
    assertThat(attendance.known()).isZero();
  }

  @Test
  void whoIsThereIsKnownOnceAllHaveSpoken() {
    look();
    assertThat(attendance.isRead()).isFalse();
    look();
    assertThat(attendance.isRead()).isFalse();
    look();
    assertThat(attendance.isRead()).isTrue();
  }

  @Test
  void whereOneKnowsItIsKnownALookEarlier() {
    look(says(NAME, word("one", 5)));
    assertThat(attendance.isRead()).isFalse();
    look(says(NAME, word("one", 5)));
    assertThat(attendance.isRead()).isTrue();
  }
}
