// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.route.RouteTable;
import java.util.Objects;

/**
 * An ExApp as Nextcloud describes it.
 *
 * @param id the id that Nextcloud uses
 * @param version its version, sent to it as {@code EX-APP-VERSION}
 * @param host where it listens: an address or a name; see {@link #isOnThisHost}
 * @param port where it listens, 0–65535 (Nextcloud does not check it)
 * @param token the secret that it shares with Nextcloud
 * @param routes what it exposes and to whom
 */
public record ExApp(
    AppId id, String version, String host, int port, Secret token, RouteTable routes) {

  public ExApp {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(token, "token");
    Objects.requireNonNull(routes, "routes");
  }

  /** Whether it listens on loopback: behind a tunnel, or on this host. Parses the host. */
  public boolean isOnThisHost() {
    return IpAddresses.isThisHost(host);
  }

  /** Which deployment this is. Computes a digest. */
  public Deployment deployment() {
    return Deployment.of(id, token);
  }
}
