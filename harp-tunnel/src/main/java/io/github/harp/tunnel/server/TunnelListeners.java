// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import java.net.InetSocketAddress;

/** Two listeners that hear the same, one after the other. */
record TunnelListeners(TunnelListener first, TunnelListener second) implements TunnelListener {

  @Override
  public void connected(TunnelStatus.Session client) {
    first.connected(client);
    second.connected(client);
  }

  @Override
  public void opened(TunnelStatus.Session client, TunnelStatus.Proxy proxy) {
    first.opened(client, proxy);
    second.opened(client, proxy);
  }

  @Override
  public void closed(TunnelStatus.Session client, TunnelStatus.Proxy proxy, String reason) {
    first.closed(client, proxy, reason);
    second.closed(client, proxy, reason);
  }

  @Override
  public void disconnected(TunnelStatus.Session client, String reason) {
    first.disconnected(client, reason);
    second.disconnected(client, reason);
  }

  @Override
  public void refused(InetSocketAddress address, RefusalCode code, String reason) {
    first.refused(address, code, reason);
    second.refused(address, code, reason);
  }
}
