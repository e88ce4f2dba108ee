// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.nodes;

import io.github.harp.core.InstanceName;
import io.github.harp.core.instance.SharedState;
import io.github.harp.core.key.SharedKey;
import io.github.harp.dialin.NodesAround;
import io.github.harp.dialin.TunnelEntrance;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.operations.NodesView;
import io.github.harp.proxy.upstream.HostNames;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;

/** What a gateway shares with other nodes; as it stands here, that it has none. */
public interface Nodes {

  /** Loads nothing of {@code harp-cluster} where there are no others. */
  static Nodes of(Configuration configuration, Vertx vertx) {
    return configuration.nodes().isEmpty()
        ? new Nodes() {}
        : OtherNodes.at(configuration.nodes().get(), configuration, vertx);
  }

  /** What is shared of the first Nextcloud; it begins and ends with this. */
  default SharedState first() {
    return SharedState.NONE;
  }

  /** The same of another one, to be opened and closed. */
  default SharedState beside(InstanceName name, SharedKey key) {
    return SharedState.NONE;
  }

  /** How tunnels at other nodes are reached. Not on an event loop. */
  default Optional<NodesAround> neighbours(HostNames names) {
    return Optional.empty();
  }

  /** All have the certificates of the oldest authority. */
  default void keep(CertificateAuthority tunnels) {}

  /**
   * @param port at which this node listens for others
   */
  default Future<Void> start(int port) {
    return Future.succeededFuture();
  }

  default Future<Void> stop() {
    return Future.succeededFuture();
  }

  default Optional<NodesView> view(TunnelEntrance entrance) {
    return Optional.empty();
  }
}
