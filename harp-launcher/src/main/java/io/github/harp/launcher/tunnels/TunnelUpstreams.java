// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.tunnels;

import io.github.harp.core.ExApp;
import io.github.harp.core.Upstream;
import io.github.harp.core.Upstreams;
import io.github.harp.tunnel.TunnelServer;
import io.netty.util.NetUtil;
import io.vertx.core.Future;
import java.net.InetAddress;

/**
 * Reaches ExApps on loopback through their tunnels, and all others directly.
 *
 * <p>A port that ever had a tunnel is reached through a tunnel only: while the ExApp is away, any
 * local process may listen on that TCP port and would be given its secrets.
 */
public final class TunnelUpstreams implements Upstreams {

  private final TunnelServer server;
  private final OpenPorts ports;
  private final Upstreams direct;

  /**
   * @param direct for ExApps without a tunnel
   */
  public TunnelUpstreams(TunnelServer server, OpenPorts ports, Upstreams direct) {
    this.server = server;
    this.ports = ports;
    this.direct = direct;
  }

  @Override
  public Future<Upstream> locate(ExApp exApp) {
    return ports.wasEverOpen(exApp.port()) && isHere(exApp.host())
        ? Future.succeededFuture(new TunnelUpstream(server, exApp.port()))
        : direct.locate(exApp);
  }

  private static boolean isHere(String host) {
    if (host.equalsIgnoreCase("localhost")) {
      return true;
    }
    InetAddress address = NetUtil.createInetAddressFromIpAddressString(host);
    return address != null && (address.isLoopbackAddress() || address.isAnyLocalAddress());
  }
}
