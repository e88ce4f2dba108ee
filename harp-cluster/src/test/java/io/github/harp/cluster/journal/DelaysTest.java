// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DelaysTest {

  private final Delays delays = new Delays(0);

  private long heldBack(long tookMs, int minutes) {
    return delays.heldBack("node", tookMs, Duration.ofMinutes(minutes).toNanos()).toMillis();
  }

  @Test
  void clocksThatDifferMakeNoDifference() {
    assertThat(heldBack(-60_000, 0)).isZero();
    assertThat(heldBack(-59_000, 0)).isEqualTo(1_000);
    assertThat(heldBack(-61_000, 0)).isZero();
    assertThat(heldBack(-50_000, 5)).isEqualTo(11_000);
    assertThat(delays.heldBack("another", 60_000, 0)).isZero();
  }

  @Test
  void aClockThatWasSetIsForgottenAfterAWhile() {
    assertThat(heldBack(0, 0)).isZero();
    assertThat(heldBack(30_000, 11)).isEqualTo(30_000);
    assertThat(heldBack(30_000, 22)).isZero();
  }
}
