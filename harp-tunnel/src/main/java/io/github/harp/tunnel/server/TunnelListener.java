// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import java.net.InetSocketAddress;

/**
 * Hears what happens to tunnels. Called on event loops, in order for each client; must not block or
 * throw.
 *
 * <p>Every {@code connected} is followed by one {@code disconnected}, every {@code opened} by one
 * {@code closed}.
 */
public interface TunnelListener {

  /** A client has logged in. */
  default void connected(TunnelStatus.Session client) {}

  /** A proxy can be dialled from now on; its client is being told. */
  default void opened(TunnelStatus.Session client, TunnelStatus.Proxy proxy) {}

  /** A proxy is gone. */
  default void closed(TunnelStatus.Session client, TunnelStatus.Proxy proxy, String reason) {}

  /** A client is gone. */
  default void disconnected(TunnelStatus.Session client, String reason) {}

  /**
   * A connection, a login, or a proxy that a client wanted to open was refused. The code says for
   * what kind of reason, the reason what was found and what to change, in one line.
   */
  default void refused(InetSocketAddress address, RefusalCode code, String reason) {}

  /** Tells this one, then the other. */
  default TunnelListener and(TunnelListener other) {
    var first = this;
    return new TunnelListener() {
      @Override
      public void connected(TunnelStatus.Session client) {
        first.connected(client);
        other.connected(client);
      }

      @Override
      public void opened(TunnelStatus.Session client, TunnelStatus.Proxy proxy) {
        first.opened(client, proxy);
        other.opened(client, proxy);
      }

      @Override
      public void closed(TunnelStatus.Session client, TunnelStatus.Proxy proxy, String reason) {
        first.closed(client, proxy, reason);
        other.closed(client, proxy, reason);
      }

      @Override
      public void disconnected(TunnelStatus.Session client, String reason) {
        first.disconnected(client, reason);
        other.disconnected(client, reason);
      }

      @Override
      public void refused(InetSocketAddress address, RefusalCode code, String reason) {
        first.refused(address, code, reason);
        other.refused(address, code, reason);
      }
    };
  }

  /** Hears nothing. */
  static TunnelListener none() {
    return new TunnelListener() {};
  }
}
