// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

/** Why a connection, a login, or a proxy was refused, as far as it matters for what to change. */
public enum RefusalCode {
  /** More connections than are served at a time. */
  TOO_MANY,

  // ---- not an frp client, by its first bytes

  /** A balancer that announces its client with the PROXY protocol. */
  PROXY_PROTOCOL,
  /** A request for WebSocket, where that is switched off, or one that can't be met. */
  WEBSOCKET,
  /** An HTTP client. */
  HTTP,
  /** An SSH client. */
  SSH,
  /** Something else. */
  NOT_FRP,

  // ---- TLS

  /** An frp client without TLS, where TLS is required. */
  NO_TLS,
  /** The same, when a proxy may have ended its TLS: no certificate can be seen then. */
  WEBSOCKET_WITHOUT_TLS,
  /** A client with TLS, where there is none. */
  TLS_NOT_SERVED,
  /** The client has no certificate, or a foreign one. */
  CLIENT_CERTIFICATE,
  /** The client does not trust this server's certificate. */
  SERVER_CERTIFICATE,
  /** Another failure of TLS. */
  TLS_FAILED,

  // ---- frp clients

  /** A wrong key or token. */
  CREDENTIAL,
  /** A login with a right credential, or one that could not be checked. */
  LOGIN,
  /** A proxy that this client may not open, or not now. */
  PROXY,
  /** A proxy on a port that is not this client's any more. */
  PORT_OF_ANOTHER,
  /** A visitor. */
  VISITOR
}
