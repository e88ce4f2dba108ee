// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.ban;

import static io.github.harp.core.testing.FakeRequest.address;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BanListTest extends FailuresContract {

  @Override
  protected Failures failures(int count, Duration window, Ticker time) {
    return new BanList("users", count, window, time);
  }

  @Test
  @DisplayName("W23: a count that would ban everybody is refused")
  void w23_aCountOfZeroIsRefused() {
    assertThatThrownBy(() -> failures(0, Duration.ofMinutes(5), Ticker.systemTicker()))
        .hasMessageContaining("0")
        .hasMessageContaining("at least 1");
  }

  @Test
  @DisplayName("W11: the list is bounded")
  void w11_theListIsBounded() {
    var bans = failures(3, Duration.ofMinutes(5), Ticker.systemTicker());
    for (var i = 0; i < 600_000; i++) {
      bans.record(number(i), "GUESS");
    }

    assertThat(bans.entries().size()).isLessThanOrEqualTo(500_000);
  }

  private static InetAddress number(int i) {
    return address("10." + (i >> 16 & 255) + "." + (i >> 8 & 255) + "." + (i & 255));
  }
}
