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
   * A WebSocket with TLS around it, which ends at the web server in front of the tunnel server, or
   * at HaRP's own. Needs TLS.
   */
  WSS
}
