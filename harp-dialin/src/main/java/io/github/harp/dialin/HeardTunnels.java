// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.core.key.TunnelTokens.Claim;
import io.github.harp.core.tunnels.Holder;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.tunnel.server.TunnelIdentity;
import io.github.harp.tunnel.server.TunnelListener;
import io.github.harp.tunnel.server.TunnelStatus;

/** What the tunnel server tells, in the register. */
record HeardTunnels(TunnelRegister register) implements TunnelListener {

  @Override
  public void opened(TunnelStatus.Session client, TunnelStatus.Proxy proxy) {
    if (proxy.remotePort() > 0) {
      register.opened(client.id(), proxy.remotePort(), holder(client.identity()));
    }
  }

  @Override
  public void closed(TunnelStatus.Session client, TunnelStatus.Proxy proxy, String reason) {
    register.closed(client.id(), proxy.remotePort());
  }

  static Holder holder(TunnelIdentity client) {
    return new Holder(client.attachment(Claim.class).map(Claim::deployment));
  }
}
