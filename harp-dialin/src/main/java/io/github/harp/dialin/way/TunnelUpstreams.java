// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.way;

import io.github.harp.core.ExApp;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.core.upstream.Upstreams;
import io.vertx.core.Future;

/**
 * Reaches ExApps through the tunnels that they have, or had, and all others directly.
 *
 * @param direct for ExApps without a tunnel
 */
public record TunnelUpstreams(TunnelWays ways, Upstreams direct) implements Upstreams {

  @Override
  public Future<Upstream> locate(ExApp exApp) {
    var deployment = ways.tunnels().reachedAs(exApp);
    return deployment.isEmpty()
        ? direct.locate(exApp)
        : Future.succeededFuture(ways.to(exApp.address().port(), deployment));
  }
}
