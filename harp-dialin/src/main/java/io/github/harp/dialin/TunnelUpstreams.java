// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.core.ExApp;
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
  private final Optional<Neighbourhood> others;

  /**
   * @param realm whose tunnels these are
   * @param others by which tunnels of other nodes are reached
   * @param direct for ExApps without a tunnel
   */
  TunnelUpstreams(
      String realm,
      TunnelServer server,
      Tunnels tunnels,
      Optional<Neighbourhood> others,
      Upstreams direct) {
    this.realm = realm;
    this.server = server;
    this.tunnels = tunnels;
    this.others = others;
    this.direct = direct;
  }

  @Override
  public Future<Upstream> locate(ExApp exApp) {
    var deployment = tunnels.reachedAs(exApp);
    if (deployment.isEmpty()) {
      return direct.locate(exApp);
    }
    var port = exApp.address().port();
    return Future.succeededFuture(
        tunnels
            .at(port)
            .fold(
                here -> through(port, deployment),
                elsewhere -> others.orElseThrow().upstream(elsewhere.node(), port, deployment),
                () -> through(port, deployment)));
  }

  /** One that is away is dialled all the same, and says so. */
  private Upstream through(int port, Optional<Deployment> deployment) {
    return new TunnelUpstream(realm, server, port, deployment);
  }
}
