// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(StackTraces.class)
class TunnelLimitsTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void theDefaultsAreThoseOfFrpWhereItHasThem() {
    assertThat(new TunnelLimits.Times())
        .isEqualTo(
            new TunnelLimits.Times(
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(90)));
    assertThat(new TunnelLimits.PerClient())
        .isEqualTo(new TunnelLimits.PerClient(2048, 1, 5, 1L << 30));
    assertThat(new TunnelLimits()).isEqualTo(new TunnelLimits());
  }

  @Test
  void aLimitOutOfItsRangeIsNamed() {
    assertThatThrownBy(() -> new TunnelLimits.Times(SECOND, Duration.ZERO, SECOND, SECOND))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tunnel limit decision is 0; expected at least 1");
    assertThatThrownBy(() -> new TunnelLimits.PerClient(32, 1, 5, 1 << 30))
        .hasMessageContaining("streams is 32");
    assertThatThrownBy(() -> new TunnelLimits.Newcomers(1, 0, 1))
        .hasMessageContaining("perAddress is 0");
    assertThatThrownBy(
            () ->
                new TunnelLimits(
                    new TunnelLimits.Times(),
                    new TunnelLimits.Newcomers(),
                    new TunnelLimits.PerClient(),
                    0,
                    1))
        .hasMessageContaining("clients");
    assertThat(new TunnelLimits.PerClient(33, 1, 0, 1).idle()).isZero();
  }
}
