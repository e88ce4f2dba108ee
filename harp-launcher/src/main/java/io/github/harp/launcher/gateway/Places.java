// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.core.ExApp;
import io.github.harp.core.runtime.ClusterState;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.Place;
import io.github.harp.kubernetes.KubernetesCluster;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * Engines, and the cluster beside them.
 *
 * @param kubernetes empty where none is set up
 */
record Places(ExAppRuntimes engines, Optional<KubernetesCluster> kubernetes)
    implements ExAppRuntimes {

  @Override
  public ExAppRuntime at(Place place) {
    return place.fold(
        engine -> engines.at(place),
        () -> kubernetes.map(KubernetesCluster::runtime).orElseGet(() -> engines.at(place)));
  }

  @Override
  public Future<Optional<ClusterState>> cluster() {
    return kubernetes
        .map(it -> it.state().map(Optional::of))
        .orElseGet(() -> Future.succeededFuture(Optional.empty()));
  }

  @Override
  public Future<ExApp> located(ExApp exApp) {
    return kubernetes.map(it -> it.located(exApp)).orElseGet(() -> Future.succeededFuture(exApp));
  }
}
