// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** S13: wrong keys of many addresses slow each other down. */
class WrongKeyDelaysTest {

  private final WrongKeyDelays delays = new WrongKeyDelays();
  private long now = -7;

  @Test
  @DisplayName("S13: a hundred wrong keys wait for nothing, more and more for up to three seconds")
  void manyWrongKeysAreAnsweredLaterAndLater() {
    for (int i = 0; i < 100; i++) {
      assertThat(delays.afterOne(now)).contains(Duration.ZERO);
    }
    assertThat(delays.afterOne(now)).contains(Duration.ofMillis(250));

    for (int i = 0; i < 500; i++) {
      assertThat(delays.afterOne(now).orElseThrow()).isLessThanOrEqualTo(Duration.ofSeconds(3));
    }
    assertThat(delays.afterOne(now)).contains(Duration.ofSeconds(3));
  }

  @Test
  @DisplayName("S13: two a second are forgiven")
  void timeForgives() {
    for (int i = 0; i < 200; i++) {
      delays.afterOne(now);
    }
    now += Duration.ofSeconds(30).toNanos();
    assertThat(delays.afterOne(now)).contains(Duration.ofMillis(1250));

    now += Duration.ofHours(1).toNanos();
    assertThat(delays.afterOne(now)).contains(Duration.ZERO);
  }

  @Test
  @DisplayName("S13: no more than a thousand are kept waiting")
  void thoseWhoWaitAreBounded() {
    for (int i = 0; i < 1_100; i++) {
      assertThat(delays.afterOne(now)).isPresent();
    }
    assertThat(delays.afterOne(now)).isEmpty();

    delays.waited();
    assertThat(delays.afterOne(now)).isPresent();
  }
}
