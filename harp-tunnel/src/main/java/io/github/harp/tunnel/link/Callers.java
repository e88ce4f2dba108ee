// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import static java.util.Comparator.comparingLong;

import io.github.harp.tunnel.server.accept.Connection;
import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The connections of other servers that have said what they want. Each server has one: where there
 * are very many, the oldest of the address that has most makes room. Thread-safe.
 */
final class Callers {

  private final int most;

  /** Oldest first. */
  private final Set<Connection> all = new LinkedHashSet<>();

  Callers(int most) {
    this.most = most;
  }

  /** One more has spoken. */
  void add(Connection caller) {
    Connection leaving = null;
    synchronized (this) {
      all.add(caller);
      if (all.size() > most) {
        leaving = oldestOfMost();
        all.remove(leaving);
      }
    }
    caller.channel().closeFuture().addListener(closed -> remove(caller));
    if (leaving != null) {
      leaving.close();
    }
  }

  private Connection oldestOfMost() {
    Map<InetAddress, Long> counts =
        all.stream().collect(Collectors.groupingBy(Callers::address, Collectors.counting()));
    return all.stream()
        .min(comparingLong(one -> -counts.getOrDefault(address(one), 0L)))
        .orElseThrow();
  }

  private static InetAddress address(Connection caller) {
    return caller.address().getAddress();
  }

  private synchronized void remove(Connection caller) {
    all.remove(caller);
  }
}
