// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.transfer.peer.Course;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaceTest {

  private final AtomicLong nanos = new AtomicLong();
  private final Pace pace = new Pace(nanos::get);

  private void passSeconds(long seconds) {
    nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  private void halfOfIt() {
    pace.goes(Course.STRAIGHT);
    pace.begin(10_000_000_000L, 8_000_000_000L);
    pace.line();
    passSeconds(4);
    pace.moved(160_000_000);
  }

  @Test
  void whatIsSaidHasBytesRateTimeAndWay() {
    halfOfIt();

    assertThat(pace.line()).isEqualTo("2.2 GB of 10.0 GB, 40.0 MB/s, 3:16 left, straight");
    assertThat(pace.percent()).isEqualTo(21);
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -5, 0, 100 - Long.MAX_VALUE})
  void whatTheOtherSideMakesUpIsNotMoreThanThereIs(long left) {
    pace.begin(100, left);
    pace.moved(10);

    assertThat(pace.percent()).isEqualTo(100);
    assertThat(pace.line()).startsWith("110 B of 100 B");
  }

  @Test
  void theSummarySaysHowMuchWentWhichWay() {
    pace.goes(Course.RELAYED);
    pace.moved(30_000_000);
    assertThat(pace.summary()).isEqualTo("30.0 MB in 0:00, through HaRP");

    pace.goes(Course.STRAIGHT);
    pace.moved(70_000_000);

    assertThat(pace.summary())
        .isEqualTo("100.0 MB in 0:00, of it 70.0 MB straight and 30.0 MB through HaRP");
  }

  @Test
  void theRateIsThatOfTheLastSeconds() {
    halfOfIt();
    for (var i = 0; i < 30; i++) {
      passSeconds(1);
      pace.moved(1_000_000);
      pace.line();
    }

    assertThat(pace.line()).contains(", 1.0 MB/s, 2:10:10 left");
    assertThat(pace.summary()).isEqualTo("190.0 MB in 0:34, straight");
  }

  @Test
  void whatCameBeforeCountsAsThereAndNotAsMoved() {
    pace.begin(100, 40);
    pace.moved(10);
    pace.begin(100, 60);

    assertThat(pace.percent()).isEqualTo(40);
    assertThat(pace.summary()).startsWith("10 B in");
  }
}
