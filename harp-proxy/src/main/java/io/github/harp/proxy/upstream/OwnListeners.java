// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collection;
import java.util.List;

/**
 * Where this process listens itself. No ExApp is there: whoever says so in a record wants what is
 * for the operator, or requests that come back here for ever. Thread-safe.
 *
 * @param addresses one with port 0 is not known, and leads nowhere
 */
record OwnListeners(List<InetSocketAddress> addresses) {

  OwnListeners {
    addresses = addresses.stream().filter(own -> !own.isUnresolved()).toList();
  }

  /** Whether who connects to one of these addresses would come back here. */
  boolean isReachedBy(Collection<InetAddress> hosts, int port) {
    return addresses.stream()
        .filter(own -> own.getPort() == port)
        .anyMatch(own -> hosts.stream().anyMatch(host -> leadsTo(own.getAddress(), host)));
  }

  private static boolean leadsTo(InetAddress own, InetAddress host) {
    return own.equals(host)
        || own.isAnyLocalAddress() && isOfThisHost(host)
        || own.isLoopbackAddress() && host.isAnyLocalAddress();
  }

  /** Asks the system, but only for those with a port of ours. */
  private static boolean isOfThisHost(InetAddress host) {
    try {
      return host.isLoopbackAddress()
          || host.isAnyLocalAddress()
          || NetworkInterface.getByInetAddress(host) != null;
    } catch (SocketException e) {
      return false;
    }
  }
}
