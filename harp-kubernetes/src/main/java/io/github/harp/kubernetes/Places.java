// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import io.github.harp.core.ExApp;
import io.github.harp.core.runtime.ClusterState;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.Place;
import io.vertx.core.Future;
import java.util.Optional;

/** Engines, and the cluster beside them. */
record Places(ExAppRuntimes engines, ExAppRuntime inCluster, ClusterDirectory directory)
    implements ExAppRuntimes {

  @Override
  public ExAppRuntime at(Place place) {
    return place.fold(engine -> engines.at(place), () -> inCluster);
  }

  @Override
  public Optional<Place> besideEngines() {
    return Optional.of(Place.CLUSTER);
  }

  @Override
  public Future<Optional<ClusterState>> cluster() {
    return directory.state().map(Optional::of);
  }

  @Override
  public Future<ExApp> located(ExApp exApp) {
    return directory.located(exApp);
  }
}
