// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import io.github.harp.core.address.IpAddresses;
import java.util.Objects;

/**
 * Where an ExApp listens.
 *
 * @param host an address or a name
 * @param port 0–65535 (Nextcloud does not check it)
 */
public record ExAppAddress(String host, int port) {

  public ExAppAddress {
    Objects.requireNonNull(host, "host");
  }

  /** Whether that is loopback: behind a tunnel, or on this host. Parses the host. */
  public boolean isOnThisHost() {
    return IpAddresses.isThisHost(host);
  }

  /** Whether that is this port of this host. */
  public boolean isOnThisHost(int number) {
    return port == number && isOnThisHost();
  }

  @Override
  public String toString() {
    return IpAddresses.inUrl(host) + ":" + port;
  }
}
