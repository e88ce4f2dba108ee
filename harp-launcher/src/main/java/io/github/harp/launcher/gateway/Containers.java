// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.core.runtime.orders.OrderObserver;
import io.github.harp.dialin.ExAppTunnels;
import io.github.harp.docker.DockerRuntimes;
import io.github.harp.kubernetes.KubernetesCluster;
import io.netty.channel.EventLoopGroup;
import java.util.Optional;

/**
 * Where the ExApps of one Nextcloud run.
 *
 * @param cluster empty where none is set up
 */
record Containers(
    DockerRuntimes engines, Optional<KubernetesCluster> cluster, ExAppRuntimes runtimes) {

  /** On the engines of this host, on those that have dialled in, and in the cluster. */
  static Containers on(
      ExAppTunnels tunnels,
      EventLoopGroup loops,
      OrderObserver observer,
      OrderLocks locks,
      Optional<KubernetesCluster> cluster) {
    var engines = new DockerRuntimes(tunnels.engines(), loops, tunnels.files(), observer, locks);
    return new Containers(engines, cluster, cluster.map(it -> it.beside(engines)).orElse(engines));
  }

  /** Ends what is open to them. Blocks. */
  void close() {
    engines.close();
    cluster.ifPresent(KubernetesCluster::close);
  }
}
