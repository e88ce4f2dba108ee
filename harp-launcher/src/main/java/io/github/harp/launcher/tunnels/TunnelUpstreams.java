// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.tunnels;

import io.github.harp.core.ExApp;
import io.github.harp.core.Upstream;
import io.github.harp.core.Upstreams;
import io.github.harp.tunnel.TunnelServer;
import io.vertx.core.Future;

/**
 * Reaches ExApps on this host through their tunnels, and all others directly.
 *
 * <p>An ExApp that ever had a tunnel on its port is reached through a tunnel only: while it is
 * away, any local process may listen on that TCP port and would be given its secrets. So is one
 * that got a token for a port that ever had a tunnel. What is registered by hand on a port that was
 * another's has neither, and is reached directly.
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
    var deployment = ports.reachedAs(exApp);
    return deployment.isPresent()
        ? Future.succeededFuture(new TunnelUpstream(server, exApp.address().port(), deployment))
        : direct.locate(exApp);
  }
}
