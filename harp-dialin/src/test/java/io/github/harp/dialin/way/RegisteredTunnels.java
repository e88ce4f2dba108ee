// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.way;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.server.TunnelAuthenticator;
import io.github.harp.tunnel.server.TunnelServerOptions;
import java.util.Map;
import java.util.Optional;

/** Tunnels that are said to be open, and the ways through them. */
final class RegisteredTunnels {

  private RegisteredTunnels() {}

  static TunnelRegister register() {
    return new TunnelRegister(
        new CachedExAppRecords(new FakeNextcloud(), Ticker.systemTicker()),
        Map.of(),
        Ticker.systemTicker());
  }

  /** A server that nobody starts. */
  static TunnelServer unreached() throws TunnelException {
    return new TunnelServer(
        TunnelServerOptions.builder()
            .plain(true)
            .authenticator(TunnelAuthenticator.sharedKey("k"))
            .build());
  }

  static TunnelWays ways(TunnelServer server, TunnelRegister register) {
    return new TunnelWays("", server, register, Optional.empty());
  }
}
