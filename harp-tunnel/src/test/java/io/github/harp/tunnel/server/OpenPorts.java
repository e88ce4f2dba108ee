// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import io.github.harp.tunnel.TunnelServer;

/** Which ports of the empty realm can be dialled right now. */
public final class OpenPorts {

  private OpenPorts() {}

  public static boolean has(TunnelServer server, int port) {
    return server.status().sessions().stream()
        .filter(session -> session.identity().realm().isEmpty())
        .flatMap(session -> session.proxies().stream())
        .anyMatch(proxy -> proxy.remotePort() == port);
  }
}
