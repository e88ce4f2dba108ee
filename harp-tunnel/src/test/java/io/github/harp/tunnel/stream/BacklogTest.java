// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BacklogTest {

  private static final long PATIENCE_NANOS = Duration.ofSeconds(5).toNanos();

  private final HeldBytes all = HeldBytes.limitedTo(8 << 20);

  @Test
  @DisplayName("S1: whoever took some and then nothing is found while its producer waits for it")
  void aProducerThatWaitsIsFoundWhateverLiesThere() {
    var clock = Ticker.newMockTicker();
    var backlog = new Backlog(all, HeldBytes.LEAST_BYTES, clock);
    all.reserve(8 << 20);
    assertThat(backlog.add(HeldBytes.PIECE_BYTES)).as("goes on").isFalse();
    assertThat(backlog.remove(HeldBytes.PIECE_BYTES / 4)).as("goes on again").isFalse();

    clock.advance(PATIENCE_NANOS - 1, TimeUnit.NANOSECONDS);
    assertThat(backlog.standsStill(PATIENCE_NANOS)).isFalse();
    clock.advance(1, TimeUnit.NANOSECONDS);

    assertThat(backlog.standsStill(PATIENCE_NANOS)).isTrue();
    assertThat(backlog.isStale(PATIENCE_NANOS)).as("worth a reset for its bytes").isFalse();
  }
}
