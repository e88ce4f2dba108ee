// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.way;

import io.github.harp.core.key.Deployment;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.core.tunnels.Where;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.tunnel.TunnelServer;
import java.time.Duration;
import java.util.Optional;

/** The ways through the tunnels of one realm, at this node and at others. */
public final class TunnelWays {

  /** frp clients dial in again at once, then after 2, 4.5 and 9 seconds. */
  static final Duration PATIENCE = Duration.ofSeconds(12);

  private final String realm;
  private final TunnelServer server;
  private final TunnelRegister tunnels;
  private final Optional<Neighbourhood> others;

  /**
   * @param others by which tunnels of other nodes are reached
   */
  public TunnelWays(
      String realm, TunnelServer server, TunnelRegister tunnels, Optional<Neighbourhood> others) {
    this.realm = realm;
    this.server = server;
    this.tunnels = tunnels;
    this.others = others;
  }

  TunnelRegister tunnels() {
    return tunnels;
  }

  /** Whether clients that leave one node may dial in at another. */
  boolean areSeveral() {
    return others.isPresent();
  }

  /**
   * What is behind a remote port.
   *
   * @param exApp see {@link TunnelUpstream}
   */
  Upstream to(int port, Optional<Deployment> exApp) {
    var where = tunnels.at(port);
    return areSeveral()
        ? new WanderingUpstream(this, port, exApp, where)
        : through(where, port, exApp);
  }

  /** One that is away is dialled all the same, and says so. */
  Upstream through(Where where, int port, Optional<Deployment> exApp) {
    return where.fold(
        here -> here(port, exApp),
        there -> others.orElseThrow().upstream(realm, there.node(), port, exApp),
        () -> here(port, exApp));
  }

  private Upstream here(int port, Optional<Deployment> exApp) {
    return new TunnelUpstream(realm, server, port, exApp);
  }
}
