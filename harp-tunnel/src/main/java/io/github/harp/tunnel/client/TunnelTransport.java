// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

/** What a tunnel's bytes travel in. */
public enum TunnelTransport {
  /** TCP, with TLS if there is to be any. */
  TCP,

  /**
   * A WebSocket, with TLS inside of it if there is to be any: past proxies that pass WebSockets on,
   * TLS ends at the tunnel server all the same.
   */
  WEBSOCKET,

  /**
   * QUIC over UDP: nothing that is lost holds up what belongs to others. It is always encrypted;
   * certificates are shown and verified as {@link TunnelClientTls} says.
   */
  QUIC,

  /**
   * A WebSocket with TLS around it, which ends at the web server in front of the tunnel server, or
   * at HaRP's own. Needs TLS.
   */
  WSS
}
