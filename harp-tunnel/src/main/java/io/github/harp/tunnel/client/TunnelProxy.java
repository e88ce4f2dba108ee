// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

import io.github.harp.tunnel.PortRange;
import io.github.harp.tunnel.ProxyType;
import java.util.List;
import java.util.Optional;

/**
 * One service that a tunnel client offers: on a port of the server, or to visitors who know its
 * secret.
 *
 * @param name must be unique on the server; for an ExApp its id
 * @param remotePort the port there; 0 lets the server choose
 * @param encrypted whether payload is encrypted a second time, inside TLS
 * @param compressed whether payload is compressed
 * @param visitors who may reach it in place of those who connect to a port
 */
public record TunnelProxy(
    String name,
    int remotePort,
    TunnelTarget target,
    boolean encrypted,
    boolean compressed,
    Optional<ForVisitors> visitors) {

  public TunnelProxy {
    if (name.isEmpty()) {
      throw new IllegalArgumentException(
          "a proxy without a name; expected a name that is unique on the server");
    }
    if (remotePort != 0 && !PortRange.ALL.contains(remotePort)) {
      throw new IllegalArgumentException(
          "proxy %s: remote port %d; expected 0-65535".formatted(name, remotePort));
    }
    if (remotePort != 0 && visitors.isPresent()) {
      throw new IllegalArgumentException(
          "proxy %s: remote port %d; expected none, since it is for visitors"
              .formatted(name, remotePort));
    }
  }

  public TunnelProxy(
      String name, int remotePort, TunnelTarget target, boolean encrypted, boolean compressed) {
    this(name, remotePort, target, encrypted, compressed, Optional.empty());
  }

  /** A proxy without frp's own encryption and compression. */
  public static TunnelProxy of(String name, int remotePort, TunnelTarget target) {
    return new TunnelProxy(name, remotePort, target, false, false);
  }

  /**
   * How visitors come, and which.
   *
   * @param way straight ({@code XTCP}), or through the server ({@code STCP})
   * @param secret what they know
   * @param users frp's {@code user} of those who may; {@code *} is anybody, none are those who have
   *     the same as this client
   * @param hidesOwnAddresses whether visitors are not told of this host's addresses in its own
   *     networks, where they could meet without going outside
   */
  public record ForVisitors(
      ProxyType way, String secret, List<String> users, boolean hidesOwnAddresses) {

    public ForVisitors {
      if (way == ProxyType.TCP) {
        throw new IllegalArgumentException("visitors by tcp; expected stcp or xtcp");
      }
      if (secret.isEmpty()) {
        throw new IllegalArgumentException(
            "a service for visitors without a secret; expected secretKey");
      }
      users = List.copyOf(users);
    }

    @Override
    public String toString() {
      return way.toString();
    }
  }
}
