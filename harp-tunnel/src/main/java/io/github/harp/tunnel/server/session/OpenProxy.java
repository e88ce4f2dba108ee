// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.TunnelStatus;
import io.github.harp.tunnel.frp.stream.PayloadWrapping;
import java.time.Instant;
import java.util.List;

/**
 * A proxy that a client has opened.
 *
 * @param remotePort 0 for types without a port
 * @param wrapping what the client's side of the payload looks like
 * @param secretKey what visitors sign with
 * @param allowedUsers frp users who may visit; empty for the owner's user only
 */
public record OpenProxy(
    ClientSession owner,
    String name,
    ProxyType type,
    int remotePort,
    PayloadWrapping wrapping,
    String secretKey,
    List<String> allowedUsers,
    Instant since) {

  TunnelStatus.Proxy status() {
    return new TunnelStatus.Proxy(name, type, remotePort, since);
  }

  @Override
  public String toString() {
    String shown = "proxy " + Printable.of(name);
    return remotePort > 0 ? shown + " on port " + remotePort : shown;
  }
}
