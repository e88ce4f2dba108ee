// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.ExApp;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.TestExApp;
import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.TunnelRegister;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class WayTest {

  private static final int PORT = 23000;

  private final TunnelRegister tunnels =
      new TunnelRegister(
          new CachedExAppRecords(new FakeNextcloud(), Ticker.systemTicker()),
          Map.of(),
          Ticker.systemTicker());

  @Test
  @DisplayName("F10, F13: doctor is told how an ExApp is reached")
  void f10_f13_howAnExAppIsReachedIsKnown() {
    var demo = exApp("demo", "its secret");
    var successor = exApp("successor", "another secret");
    assertThat(Way.of(tunnels, demo)).isEqualTo(Way.DIRECT);

    tunnels.opened(1, PORT, new TunnelHolder(Optional.of(demo.deployment())));
    tunnels.expect(successor.deployment(), PORT);
    assertThat(Way.of(tunnels, demo)).isEqualTo(Way.TUNNEL);
    assertThat(Way.of(tunnels, successor)).isEqualTo(Way.TUNNEL_OF_ANOTHER);
    assertThat(Way.of(tunnels, exApp("by-hand", "a secret"))).isEqualTo(Way.DIRECT);

    tunnels.closed(1, PORT);
    assertThat(Way.of(tunnels, demo)).isEqualTo(Way.TUNNEL_AWAY);
  }

  private static ExApp exApp(String id, String secret) {
    return TestExApp.at("127.0.0.1", PORT, id, secret);
  }
}
