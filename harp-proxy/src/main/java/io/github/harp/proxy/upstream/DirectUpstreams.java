// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.HarpException;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.core.upstream.Upstreams;
import io.netty.util.NetUtil;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * Reaches ExApps by TCP at the host and port of their record, unless that is this process itself.
 * Thread-safe.
 */
public final class DirectUpstreams implements Upstreams {

  private static final int MAX_REMEMBERED = 10_000;

  private final HostNames names;
  private final Duration connectTimeout;
  private final OwnListeners own;

  /** Those whose host is an address, which never changes its meaning. */
  private final Cache<ExAppAddress, Future<Upstream>> literals =
      Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).build();

  /**
   * @param own where this process listens: no ExApp is there
   */
  public DirectUpstreams(HostNames names, Duration connectTimeout, List<InetSocketAddress> own) {
    this.names = names;
    this.connectTimeout = connectTimeout;
    this.own = new OwnListeners(own);
  }

  @Override
  public Future<Upstream> locate(ExApp exApp) {
    var address = exApp.address();
    var known = literals.getIfPresent(address);
    if (known != null) {
      return known;
    }
    var literal = NetUtil.createInetAddressFromIpAddressString(address.host());
    if (literal != null && own.isReachedBy(List.of(literal), address.port())) {
      return isOwn(exApp);
    }
    if (literal != null) {
      Future<Upstream> upstream =
          Future.succeededFuture(
              new TcpUpstream(new InetSocketAddress(literal, address.port()), connectTimeout));
      literals.put(address, upstream);
      return upstream;
    }
    return names
        .resolve(address.host())
        .compose(
            addresses ->
                own.isReachedBy(addresses, address.port())
                    ? isOwn(exApp)
                    : Future.succeededFuture(
                        TcpUpstream.named(
                            address.host(), addresses, address.port(), connectTimeout, names)));
  }

  private static Future<Upstream> isOwn(ExApp exApp) {
    return Future.failedFuture(
        new HarpException(
            HarpException.Code.UNREACHABLE,
            "ExApp %s at %s: HaRP itself listens there; expected the ExApp"
                .formatted(exApp.id(), exApp.address())));
  }

  /**
   * Where this process listens itself. No ExApp is there: whoever says so in a record wants what is
   * for the operator, or requests that come back here for ever.
   *
   * @param addresses one with port 0 is not known, and leads nowhere
   */
  private record OwnListeners(List<InetSocketAddress> addresses) {

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
}
