// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.PortRange;
import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.server.TunnelIdentity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which name and which port belong to which client: in each realm each to one at a time.
 * Thread-safe.
 *
 * <p>Whose credential is its own has names of its own, for proxies with a port: it can squat on
 * nobody else's, and nobody on its. Names that visitors ask for are common to all of the realm.
 */
final class ProxyTable {

  /**
   * @param of whose name it is; null if it is common
   */
  private record Name(String realm, @Nullable TunnelIdentity of, String text) {

    static Name of(OpenProxy proxy) {
      return new Name(
          proxy.realm(), proxy.hasNameOfItsOwn() ? proxy.owner().identity() : null, proxy.name());
    }
  }

  private record Port(String realm, int number) {}

  private final List<PortRange> ranges;
  private final Map<Name, OpenProxy> byName = new HashMap<>();
  private final Map<Port, OpenProxy> byPort = new HashMap<>();

  ProxyTable(List<PortRange> ranges) {
    this.ranges = ranges;
  }

  boolean allows(int port) {
    return ranges.stream().anyMatch(range -> range.contains(port));
  }

  /** A port that nobody has, for a client that leaves the choice to us. */
  synchronized Optional<Integer> freePort(String realm) {
    for (PortRange range : ranges) {
      for (int port = range.first(); port <= range.last(); port++) {
        if (!byPort.containsKey(new Port(realm, port))) {
          return Optional.of(port);
        }
      }
    }
    return Optional.empty();
  }

  /** Takes name and port for this proxy, or says who has them: the claim fails then. */
  synchronized Optional<OpenProxy> claim(OpenProxy proxy) {
    var port = port(proxy);
    OpenProxy holder = byName.get(Name.of(proxy));
    if (holder == null && port.isPresent()) {
      holder = byPort.get(port.get());
    }
    if (holder != null) {
      return Optional.of(holder);
    }
    byName.put(Name.of(proxy), proxy);
    port.ifPresent(taken -> byPort.put(taken, proxy));
    return Optional.empty();
  }

  /** Whether these two are in each other's way by their names, not only by their ports. */
  static boolean haveOneName(OpenProxy one, OpenProxy other) {
    return Name.of(one).equals(Name.of(other));
  }

  /** Frees name and port, if the proxy still holds them. */
  synchronized void release(OpenProxy proxy) {
    port(proxy).ifPresent(port -> byPort.remove(port, proxy));
    byName.remove(Name.of(proxy), proxy);
  }

  private static Optional<Port> port(OpenProxy proxy) {
    var number = proxy.remotePort();
    return number.isPresent()
        ? Optional.of(new Port(proxy.realm(), number.getAsInt()))
        : Optional.empty();
  }

  /** What visitors of this realm may ask for. */
  synchronized Optional<OpenProxy.Secret> secret(String realm, String name, ProxyType type) {
    return byName.get(new Name(realm, null, name)) instanceof OpenProxy.Secret secret
            && secret.type() == type
            && secret.isAnnounced()
        ? Optional.of(secret)
        : Optional.empty();
  }

  synchronized Optional<OpenProxy> onPort(String realm, int port) {
    return Optional.ofNullable(byPort.get(new Port(realm, port)));
  }

  synchronized List<OpenProxy> of(ClientSession owner) {
    return byName.values().stream().filter(proxy -> proxy.owner() == owner).toList();
  }
}
