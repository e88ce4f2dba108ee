// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.PortRange;
import io.github.harp.tunnel.TunnelIdentity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which name and which port belong to which client: each to one at a time. Thread-safe.
 *
 * <p>Whose credential is its own has names of its own, for proxies with a port: it can squat on
 * nobody else's, and nobody on its. Names that visitors ask for are common to all.
 */
public final class ProxyTable {

  /**
   * @param of whose name it is; null if it is common
   */
  private record Name(@Nullable TunnelIdentity of, String text) {

    static Name of(ClientSession owner, String text, int port) {
      return new Name(owner.identity().exclusive() && port > 0 ? owner.identity() : null, text);
    }

    static Name of(OpenProxy proxy) {
      return of(proxy.owner(), proxy.name(), proxy.remotePort());
    }
  }

  private final List<PortRange> ranges;
  private final Map<Name, OpenProxy> byName = new HashMap<>();
  private final Map<Integer, OpenProxy> byPort = new HashMap<>();

  ProxyTable(List<PortRange> ranges) {
    this.ranges = ranges;
  }

  public boolean allows(int port) {
    return ranges.stream().anyMatch(range -> range.contains(port));
  }

  /** A port that nobody has, for a client that leaves the choice to us. */
  public synchronized Optional<Integer> freePort() {
    for (PortRange range : ranges) {
      for (int port = range.first(); port <= range.last(); port++) {
        if (!byPort.containsKey(port)) {
          return Optional.of(port);
        }
      }
    }
    return Optional.empty();
  }

  /** Takes name and port for this proxy, or says who has them: the claim fails then. */
  public synchronized Optional<OpenProxy> claim(OpenProxy proxy) {
    OpenProxy holder = byName.get(Name.of(proxy));
    if (holder == null && proxy.remotePort() > 0) {
      holder = byPort.get(proxy.remotePort());
    }
    if (holder != null) {
      return Optional.of(holder);
    }
    byName.put(Name.of(proxy), proxy);
    if (proxy.remotePort() > 0) {
      byPort.put(proxy.remotePort(), proxy);
    }
    return Optional.empty();
  }

  /** Whether these two are in each other's way by their names, not only by their ports. */
  public static boolean haveOneName(OpenProxy one, OpenProxy other) {
    return Name.of(one).equals(Name.of(other));
  }

  /** Frees name and port; false if the proxy does not hold them any more. */
  synchronized boolean release(OpenProxy proxy) {
    byPort.remove(proxy.remotePort(), proxy);
    return byName.remove(Name.of(proxy), proxy);
  }

  /** What visitors may ask for. */
  public synchronized Optional<OpenProxy> named(String name) {
    return Optional.ofNullable(byName.get(new Name(null, name)));
  }

  public synchronized Optional<OpenProxy> named(String name, ClientSession owner) {
    return of(owner).stream().filter(proxy -> proxy.name().equals(name)).findFirst();
  }

  public synchronized Optional<OpenProxy> onPort(int port) {
    return Optional.ofNullable(byPort.get(port));
  }

  synchronized List<OpenProxy> of(ClientSession owner) {
    List<OpenProxy> found = new ArrayList<>();
    for (OpenProxy proxy : byName.values()) {
      if (proxy.owner() == owner) {
        found.add(proxy);
      }
    }
    return found;
  }
}
