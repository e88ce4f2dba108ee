// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.core.instance.Instance;
import io.github.harp.core.tunnels.Neighbours;
import io.github.harp.core.upstream.Engines;
import io.github.harp.tunnel.server.TunnelStatus;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Whose ExApps and engines dial in.
 *
 * @param configured engines that are reached without a tunnel: their numbers no tunnel may take
 * @param others nodes at which they may dial in, too
 * @param memory the file in which it is kept whose tunnels there were
 * @param withdrawn the file that says which visitors' passes are good no more
 */
public record Party(
    Instance instance,
    Engines configured,
    Optional<Neighbours> others,
    Path memory,
    Path withdrawn) {

  /** What its tunnels are called by among those of others; empty for those of the first. */
  public String realm() {
    return instance.name().text();
  }

  boolean isOf(TunnelStatus.Session client) {
    return client.identity().realm().equals(realm());
  }
}
