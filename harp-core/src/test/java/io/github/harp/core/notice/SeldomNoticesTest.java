// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.notice;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.testing.ManualTicker;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeldomNoticesTest {
  private final ManualTicker ticker = new ManualTicker();
  private final SeldomNotices notices = new SeldomNotices(ticker);

  @Test
  void theSameIsToldOnceInAMinute() {
    assertThat(notices.isNew("a")).isTrue();
    assertThat(notices.isNew("a")).isFalse();
    assertThat(notices.isNew("b")).isTrue();

    ticker.advance(Duration.ofSeconds(59));
    assertThat(notices.isNew("a")).isFalse();
    ticker.advance(Duration.ofSeconds(2));
    assertThat(notices.isNew("a")).isTrue();
  }

  @Test
  void whatIsToldInAMinuteIsBounded() {
    var told = IntStream.range(0, 10_000).filter(it -> notices.isNew("n" + it)).count();
    assertThat(told).isEqualTo(SeldomNotices.MOST);

    ticker.advance(Duration.ofMinutes(2));
    assertThat(notices.isNew("later")).isTrue();
  }
}
