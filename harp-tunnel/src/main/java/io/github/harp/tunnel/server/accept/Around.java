// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.server.TunnelServerOptions;
import io.github.harp.tunnel.server.WebSockets;

/**
 * What is known to be around the bytes of a connection that are looked at.
 *
 * @param tls ours, so that a client has shown what it has to
 * @param proxy a web server has handed it over, which may have ended TLS
 */
record Around(boolean tls, boolean webSocket, boolean proxy) {

  static final Around NOTHING = new Around(false, false, false);
  static final Around PROXY = new Around(false, true, true);

  Around insideTls() {
    return new Around(true, webSocket, proxy);
  }

  Around insideWebSocket() {
    return new Around(tls, true, proxy);
  }

  /** Whether these are the first bytes of all. */
  boolean isOutermost() {
    return !tls && webSocket == proxy;
  }

  /** Whether the bytes of a client may stand here. */
  boolean isEnough(TunnelServerOptions options) {
    return tls
        || options.plain()
        || proxy && options.webSockets() == WebSockets.CREDENTIAL_BEHIND_PROXY;
  }
}
