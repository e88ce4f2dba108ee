// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.core.instance.Instance;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.core.runtime.orders.OrderObserver;
import io.github.harp.dialin.CertificateCare;
import io.github.harp.dialin.TunnelEntrance;
import io.github.harp.docker.DockerRuntimes;
import io.github.harp.kubernetes.KubernetesCluster;
import io.netty.channel.EventLoopGroup;
import java.util.Optional;

/**
 * Where ExApps run.
 *
 * @param cluster empty where none is set up
 * @param certificates brings renewed ones to them; empty where tunnels need no TLS
 */
record Containers(
    DockerRuntimes engines,
    Optional<KubernetesCluster> cluster,
    ExAppRuntimes runtimes,
    Optional<CertificateCare> certificates) {

  /** On the engines of this host, on those that have dialled in, and in the cluster. */
  static Containers on(
      Instance instance,
      TunnelEntrance entrance,
      EventLoopGroup loops,
      OrderObserver observer,
      OrderLocks locks,
      Optional<KubernetesCluster> cluster) {
    var tunnels = entrance.of(instance);
    var engines = new DockerRuntimes(tunnels.engines(), loops, tunnels.files(), observer, locks);
    ExAppRuntimes runtimes = cluster.map(it -> it.beside(engines)).orElse(engines);
    return new Containers(engines, cluster, runtimes, entrance.certificateCare(whose -> runtimes));
  }

  /** Ends what is open to them. Blocks. */
  void close() {
    engines.close();
    cluster.ifPresent(KubernetesCluster::close);
  }
}
