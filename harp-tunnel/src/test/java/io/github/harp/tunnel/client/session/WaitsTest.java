// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.client.TunnelClientOptions.Retries;
import java.time.Duration;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class WaitsTest {

  @Property(tries = 100)
  void growUntilTheLimitAndAreNeverQuiteTheSame(@ForAll long seed) {
    var random = new Random(seed);
    var waits =
        new Waits(
            new Retries(Duration.ofSeconds(1), Duration.ofSeconds(20), Duration.ZERO),
            () -> random);
    for (int expected : new int[] {1000, 2000, 4000, 8000, 16000, 20000, 20000}) {
      assertThat(waits.next())
          .isBetween(Duration.ofMillis(expected / 2), Duration.ofMillis(expected));
    }
    waits.startOver();
    assertThat(waits.next()).isLessThanOrEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void nobodyWaitsForNothing() {
    var waits = new Waits(new Retries(Duration.ZERO, Duration.ZERO, Duration.ZERO), Random::new);
    assertThat(waits.next()).isLessThanOrEqualTo(Duration.ofMillis(1));
  }
}
