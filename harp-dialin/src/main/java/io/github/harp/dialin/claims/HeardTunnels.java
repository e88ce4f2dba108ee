// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.claims;

import io.github.harp.core.key.TunnelTokens.Claim;
import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.tunnel.server.TunnelIdentity;
import io.github.harp.tunnel.server.TunnelListener;
import io.github.harp.tunnel.server.TunnelStatus;
import java.util.Map;
import java.util.Optional;

/**
 * What the tunnel server tells, in the registers.
 *
 * @param registers by realm
 */
public record HeardTunnels(Map<String, TunnelRegister> registers) implements TunnelListener {

  @Override
  public void opened(TunnelStatus.Session client, TunnelStatus.Proxy proxy) {
    if (proxy.remotePort() > 0) {
      register(client)
          .ifPresent(it -> it.opened(client.id(), proxy.remotePort(), holder(client.identity())));
    }
  }

  @Override
  public void closed(TunnelStatus.Session client, TunnelStatus.Proxy proxy, String reason) {
    if (proxy.remotePort() > 0) {
      register(client).ifPresent(it -> it.closed(client.id(), proxy.remotePort()));
    }
  }

  /** Empty for those of a Nextcloud that is served no more. */
  private Optional<TunnelRegister> register(TunnelStatus.Session client) {
    return Optional.ofNullable(registers.get(client.identity().realm()));
  }

  public static TunnelHolder holder(TunnelIdentity client) {
    return new TunnelHolder(TunnelClaims.claimOf(client).map(Claim::deployment));
  }
}
