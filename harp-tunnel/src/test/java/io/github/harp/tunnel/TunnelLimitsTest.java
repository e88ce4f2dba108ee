// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TunnelLimitsTest {

  private final TunnelLimits defaults = TunnelLimits.defaults();

  @Test
  void everyLimitCanBeChangedAlone() {
    assertThat(
            defaults
                .withFirstMessageTimeout(Duration.ofSeconds(1))
                .withDecisionTimeout(Duration.ofSeconds(2))
                .withWorkConnectionTimeout(Duration.ofSeconds(3))
                .withHeartbeatTimeout(Duration.ofSeconds(4))
                .withNewConnections(5, 6, 7)
                .withSessions(8)
                .withStreamsPerSession(99, 10)
                .withProxiesPerSession(11)
                .withPoolSize(12)
                .withHeldBytes(13))
        .isEqualTo(
            new TunnelLimits(
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                Duration.ofSeconds(4),
                5,
                6,
                7,
                8,
                99,
                11,
                12,
                10,
                13));
    assertThat(defaults).isEqualTo(TunnelLimits.defaults());
  }

  @Test
  void aLimitOutOfItsRangeIsNamed() {
    assertThatThrownBy(() -> defaults.withDecisionTimeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tunnel limit decisionTimeout is 0; expected at least 1");
    assertThatThrownBy(() -> defaults.withStreamsPerSession(32, 1 << 30))
        .hasMessageContaining("streamsPerSession is 32");
    assertThatThrownBy(() -> defaults.withSessions(0)).hasMessageContaining("sessions");
    assertThat(defaults.withPoolSize(0).poolSize()).isZero();
  }
}
