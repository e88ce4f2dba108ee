// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

/**
 * Whether clients may come over WebSocket, and what those have to show who come through a proxy.
 */
public enum WebSockets {
  /** Nobody may. */
  OFF,

  /**
   * Everybody may who would be let in without it: where TLS is required it is inside of the
   * WebSocket or around it, and ends here. So a client that comes through a proxy, which ends TLS
   * itself, needs TLS inside: frpc has that with {@code websocket}, not with {@code wss}.
   */
  LIKE_OTHERS,

  /**
   * For clients that a proxy hands over TLS is required on their way to it only, and so their
   * credential is all that says who they are.
   */
  CREDENTIAL_BEHIND_PROXY
}
