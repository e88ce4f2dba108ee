// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.way;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.testing.UndialledEngines;
import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.core.upstream.Engines;
import io.github.harp.core.upstream.EnginesContract;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One engine is configured, and one has dialled in; so has an ExApp. */
class TunnelEnginesTest extends EnginesContract {

  private static final EngineNumber DIALLED_IN = new EngineNumber(24007);

  private final TunnelRegister tunnels = RegisteredTunnels.register();
  private final TunnelServer server;
  private final TunnelEngines engines;

  TunnelEnginesTest() throws TunnelException {
    server = RegisteredTunnels.unreached();
    engines =
        new TunnelEngines(
            UndialledEngines.first("configured:24000"), RegisteredTunnels.ways(server, tunnels));
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
