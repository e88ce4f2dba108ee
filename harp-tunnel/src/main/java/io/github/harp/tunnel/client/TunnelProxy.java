// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

import io.github.harp.tunnel.PortRange;

/**
 * One service that a tunnel client offers on a port of the server.
 *
 * @param name must be unique on the server; for an ExApp its id
 * @param remotePort the port there; 0 lets the server choose
 * @param encrypted whether payload is encrypted a second time, inside TLS
 * @param compressed whether payload is compressed
 */
public record TunnelProxy(
    String name, int remotePort, TunnelTarget target, boolean encrypted, boolean compressed) {

  public TunnelProxy {
    if (name.isEmpty()) {
      throw new IllegalArgumentException(
          "a proxy without a name; expected a name that is unique on the server");
    }
    if (remotePort != 0 && !PortRange.ALL.contains(remotePort)) {
      throw new IllegalArgumentException(
          "proxy %s: remote port %d; expected 0-65535".formatted(name, remotePort));
    }
  }

  /** A proxy without frp's own encryption and compression. */
  public static TunnelProxy of(String name, int remotePort, TunnelTarget target) {
    return new TunnelProxy(name, remotePort, target, false, false);
  }
}
