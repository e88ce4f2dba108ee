// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.way;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.UndialledEngines;
import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.core.upstream.Engines;
import io.github.harp.core.upstream.EnginesContract;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.server.TunnelAuthenticator;
import io.github.harp.tunnel.server.TunnelServerOptions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One engine is configured, and one has dialled in; so has an ExApp. */
class TunnelEnginesTest extends EnginesContract {

  private static final EngineNumber DIALLED_IN = new EngineNumber(24007);

  private final TunnelRegister tunnels =
      new TunnelRegister(
          new CachedExAppRecords(new FakeNextcloud(), Ticker.systemTicker()),
          Map.of(),
          Ticker.systemTicker());
  private final TunnelServer server;
  private final TunnelEngines engines;

  TunnelEnginesTest() throws TunnelException {
    server =
        new TunnelServer(
            TunnelServerOptions.builder()
                .plain(true)
                .authenticator(TunnelAuthenticator.sharedKey("k"))
                .build());
    engines =
        new TunnelEngines(
            UndialledEngines.first("configured:24000"),
            new TunnelWays("", server, tunnels, Optional.empty()));
    tunnels.opened(1, DIALLED_IN.value(), TunnelHolder.OF_KEY);
    tunnels.opened(2, 23000, TunnelHolder.OF_KEY);
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Override
  protected Engines engines() {
    return engines;
  }

  @Test
  void anEngineThatIsConfiguredGoesFirst() {
    tunnels.opened(3, EngineNumber.FIRST.value(), TunnelHolder.OF_KEY);

    assertThat(engines.find(EngineNumber.FIRST)).hasToString("Optional[configured:24000]");
    assertThat(engines.find(DIALLED_IN)).hasToString("Optional[tunnel:24007]");
  }

  @Test
  void anEngineIsGoneWithItsTunnel() {
    tunnels.closed(1, DIALLED_IN.value());

    assertThat(engines.find(DIALLED_IN)).isEmpty();
    assertThat(engines.numbers()).containsExactly(EngineNumber.FIRST);
  }
}
