// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.core.runtime.spec.ContainerEnvironment;
import io.github.harp.core.runtime.spec.ExAppCredentials;
import io.github.harp.core.runtime.spec.TunnelFiles;
import io.github.harp.dialin.ExAppTunnels;
import io.github.harp.docker.DockerRuntimes;
import io.github.harp.kubernetes.ClusterDirectory;
import io.github.harp.kubernetes.KubernetesCluster;
import io.github.harp.kubernetes.KubernetesCluster.DialIn;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.Configuration.Tunnels.ExAppKey;
import java.util.Optional;

/**
 * Where the ExApps of one Nextcloud run, and what they dial in with.
 *
 * @param cluster empty where none is set up
 */
record Workplace(
    DockerRuntimes engines,
    Optional<KubernetesCluster> cluster,
    ExAppRuntimes runtimes,
    ExAppCredentials credentials) {

  /** On the engines of this host, on those that have dialled in, and in the cluster. */
  static Workplace of(
      Configuration.Nextcloud nextcloud,
      ExAppTunnels tunnels,
      TunnelFiles files,
      Optional<ClusterDirectory> directory,
      OrderLocks locks,
      Ground ground) {
    var observer = ground.ordersOf(nextcloud.name());
    var loops = ground.loops();
    var settings = ground.configuration().tunnels();
    var credentials =
        settings.exAppKey() == ExAppKey.SHARED
            ? ExAppCredentials.sharedKey()
            : ExAppCredentials.ownTokens(tunnels.tokens());
    var dialIn = new DialIn(ordered -> inCluster(ordered, nextcloud, settings, credentials), files);
    var engines = new DockerRuntimes(tunnels.engines(), loops, files, observer, locks);
    var cluster = directory.map(it -> new KubernetesCluster(it, dialIn, loops, observer, locks));
    return new Workplace(
        engines, cluster, cluster.map(it -> it.beside(engines)).orElse(engines), credentials);
  }

  /** AppAPI gives no ExApp in a cluster what it needs to dial in. */
  private static ContainerEnvironment inCluster(
      ContainerEnvironment ordered,
      Configuration.Nextcloud nextcloud,
      Configuration.Tunnels settings,
      ExAppCredentials credentials) {
    return settings
        .fromCluster()
        .map(
            address ->
                credentials.in(
                    ordered
                        .with("HP_FRP_ADDRESS", address.host())
                        .with("HP_FRP_PORT", String.valueOf(address.port()))
                        .with("HP_SHARED_KEY", nextcloud.key().reveal())))
        .orElse(ordered);
  }

  /** Ends what is open to them. Blocks. */
  void close() {
    engines.close();
    cluster.ifPresent(KubernetesCluster::close);
  }
}
