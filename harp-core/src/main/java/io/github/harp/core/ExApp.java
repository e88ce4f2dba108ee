// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import io.github.harp.core.key.Deployment;
import io.github.harp.core.route.RouteTable;
import java.util.Objects;

/**
 * An ExApp as Nextcloud describes it.
 *
 * @param id the id that Nextcloud uses
 * @param version its version, sent to it as {@code EX-APP-VERSION}
 * @param address where it listens
 * @param token the secret that it shares with Nextcloud
 * @param routes what it exposes and to whom
 * @param inCluster whether it is known to run in a Kubernetes cluster
 */
public record ExApp(
    AppId id,
    String version,
    ExAppAddress address,
    Secret token,
    RouteTable routes,
    boolean inCluster) {

  public ExApp {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(address, "address");
    Objects.requireNonNull(token, "token");
    Objects.requireNonNull(routes, "routes");
  }

  /** One of which nobody has said where it runs. */
  public ExApp(AppId id, String version, ExAppAddress address, Secret token, RouteTable routes) {
    this(id, version, address, token, routes, false);
  }

  /** The same, in a cluster and listening there. */
  public ExApp inClusterAt(ExAppAddress elsewhere) {
    return new ExApp(id, version, elsewhere, token, routes, true);
  }

  /** Which deployment this is. Computes a digest. */
  public Deployment deployment() {
    return Deployment.of(id, token);
  }
}
