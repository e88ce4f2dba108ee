// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import io.github.harp.core.ExAppAddress;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * Runs ExApps at one {@link Place}: a method for each order that AppAPI gives. Never blocks the
 * caller; every order ends within its deadline, whether or not somebody waits for it; two orders
 * for one ExApp never interleave. An {@link io.github.harp.core.runtime.orders.OrderDesk} is one
 * that needs only an {@link io.github.harp.core.runtime.orders.ExAppHost}.
 *
 * <p>Orders fail with a {@link HarpException} that holds the engine's own words: {@code
 * UNREACHABLE}, {@code TIMED_OUT}, {@code REFUSED} (the engine said no), {@code NOT_FOUND}, {@code
 * CONFLICT}, {@code BUSY}, {@code FAILED}.
 */
public interface ExAppRuntime {

  /** The container of an ExApp; empty when there is none. */
  Future<Optional<Deployed>> find(ExAppName name);

  /**
   * Creates the volume where it is missing and the container, which is not started. {@code
   * CONFLICT} when the name is taken.
   */
  Future<Deployed> create(ExAppSpec spec);

  /** Starts a container; false when it was running already. */
  Future<Boolean> start(ExAppName name);

  /** Stops a container; false when it was stopped already. */
  Future<Boolean> stop(ExAppName name);

  /** Waits until a started container runs and is healthy, or can't become so. */
  Future<StartOutcome> awaitStart(ExAppName name);

  /** Removes the container if there is one, and its volume when told to. */
  Future<Void> remove(ExAppName name, boolean removeData);

  /** Removes an image that nothing uses. */
  Future<ImageRemoval> removeImage(String imageRef);

  /**
   * Puts certificates into a container. One that was stopped is stopped afterwards too, whatever
   * happens: AppAPI's following start takes 'already started' for an error.
   */
  Future<Void> installCertificates(ExAppName name, CertificateInstallation installation);

  /**
   * Makes an ExApp reachable from outside of its place, and tells where. Engines have no need of
   * it: there a container's port is enough.
   */
  default Future<ExAppAddress> expose(Exposure exposure) {
    return Future.failedFuture(
        new HarpException(
            HarpException.Code.UNAVAILABLE,
            exposure.name().container() + ": expected a cluster, nothing is exposed elsewhere"));
  }

  /** What it was told to do and has not done, the oldest first; empty where nobody keeps count. */
  default List<OrderUnderWay> underWay() {
    return List.of();
  }

  /** What it says of its place, and what is to be said of that. Changes nothing. */
  Future<PlaceReport> describe();
}
