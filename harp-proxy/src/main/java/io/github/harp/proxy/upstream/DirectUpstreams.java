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
import java.net.InetSocketAddress;
import java.time.Duration;
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
}
