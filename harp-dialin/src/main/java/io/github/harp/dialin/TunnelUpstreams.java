// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.tunnels.Tunnels;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.core.upstream.Upstreams;
import io.github.harp.tunnel.TunnelServer;
import io.vertx.core.Future;
import java.util.Optional;

/** Reaches ExApps through the tunnels that they have, or had, and all others directly. */
final class TunnelUpstreams implements Upstreams {

  private final String realm;
  private final TunnelServer server;
  private final Tunnels tunnels;
  private final Upstreams direct;

  /**
   * @param realm whose tunnels these are
   * @param direct for ExApps without a tunnel
   */
  TunnelUpstreams(String realm, TunnelServer server, Tunnels tunnels, Upstreams direct) {
    this.realm = realm;
    this.server = server;
    this.tunnels = tunnels;
    this.direct = direct;
  }

  @Override
  public Future<Upstream> locate(ExApp exApp) {
    var deployment = tunnels.reachedAs(exApp);
    if (deployment.isEmpty()) {
      return direct.locate(exApp);
    }
    var port = exApp.address().port();
    return tunnels
        .at(port)
        .fold(
            here -> through(port, deployment),
            elsewhere -> elsewhere(port, elsewhere.node()),
            () -> through(port, deployment));
  }

  /** One that is away is dialled all the same, and says so. */
  private Future<Upstream> through(int port, Optional<Deployment> deployment) {
    return Future.succeededFuture(new TunnelUpstream(realm, server, port, deployment));
  }

  private static Future<Upstream> elsewhere(int port, String node) {
    return Future.failedFuture(
        new HarpException(
            Code.UNREACHABLE,
            "tunnel:" + port + " is open at node " + node + ", expected one at this node"));
  }
}
