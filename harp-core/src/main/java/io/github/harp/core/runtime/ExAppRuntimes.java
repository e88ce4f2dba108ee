// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Function;

/** The runtimes of the places that AppAPI's orders name. Thread-safe. */
@FunctionalInterface
public interface ExAppRuntimes {

  /**
   * The runtime at a place.
   *
   * @throws HarpException {@code UNREACHABLE} when nothing is known to be there now, {@code
   *     UNAVAILABLE} when nothing of its kind is set up
   */
  ExAppRuntime at(Place place);

  /** Where ExApps run that are on no engine. */
  default Optional<Place> besideEngines() {
    return Optional.empty();
  }

  /** How the cluster is, asked now; empty where none is set up. */
  default Future<Optional<ClusterState>> cluster() {
    return Future.succeededFuture(Optional.empty());
  }

  /**
   * The ExApp, where it is reached now: a cluster knows better than Nextcloud where those are that
   * run in it. Fails with a {@link HarpException} when that could not be found out.
   */
  default Future<ExApp> located(ExApp exApp) {
    return Future.succeededFuture(exApp);
  }

  /** Those of engines, and no cluster. */
  static ExAppRuntimes onEngines(Function<EngineNumber, ExAppRuntime> engines) {
    return place ->
        place.fold(
            engines,
            () -> {
              throw new HarpException(
                  HarpException.Code.UNAVAILABLE,
                  "Kubernetes is not enabled in HaRP: expected a daemon of another type");
            });
  }

  /** None, for a HaRP that runs no containers. */
  static ExAppRuntimes none() {
    return onEngines(
        number -> {
          throw new HarpException(
              HarpException.Code.UNAVAILABLE,
              "engine "
                  + number
                  + ": this HaRP runs no containers, expected one with a container runtime");
        });
  }
}
