// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.claims;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AppId;
import io.github.harp.core.Secret;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.key.TunnelTokens;
import io.github.harp.core.key.TunnelTokensContract;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.tunnels.Past;
import io.github.harp.core.tunnels.TunnelRegister;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class ExpectedTunnelsTest extends TunnelTokensContract {

  private static final Map<String, TunnelTokens> STRETCHED = new ConcurrentHashMap<>();

  private final TunnelRegister tunnels =
      new TunnelRegister(
          new CachedExAppRecords(new FakeNextcloud(), Ticker.systemTicker()),
          Map.of(),
          Ticker.systemTicker());

  @Override
  protected TunnelTokens tokens(String sharedKey) {
    var tokens =
        STRETCHED.computeIfAbsent(sharedKey, key -> new HmacTunnelTokens(SharedKey.of(key)));
    return new ExpectedTunnels(tokens, tunnels);
  }

  @Test
  void whoGetsATokenIsExpectedAtItsPort() {
    var demo = Deployment.of(new AppId("demo"), Secret.of("its secret"));

    tokens("the-shared-key").mint(demo, 23000);

    assertThat(tunnels.past()).isEqualTo(Map.of(23000, new Past(false, false, List.of(demo))));
  }
}
