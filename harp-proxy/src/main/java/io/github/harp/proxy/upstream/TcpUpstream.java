// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import static java.util.stream.Collectors.joining;

import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.proxy.transport.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * A TCP address, or several that lead to the same place and are tried one after the other. Equal to
 * every other one with these addresses.
 */
public final class TcpUpstream implements Upstream {

  private final List<InetSocketAddress> addresses;
  private final Object identity;
  private final Duration connectTimeout;
  private final Runnable whenUnreachable;

  /**
   * @param address resolved
   */
  public TcpUpstream(InetSocketAddress address, Duration connectTimeout) {
    this(List.of(address), connectTimeout, () -> {});
  }

  /**
   * @param addresses resolved, at least one
   * @param connectTimeout for all of them together
   * @param whenUnreachable told of each failed attempt, on an event loop
   */
  TcpUpstream(
      List<InetSocketAddress> addresses, Duration connectTimeout, Runnable whenUnreachable) {
    for (var address : addresses) {
      if (address.isUnresolved()) {
        throw new IllegalArgumentException(address + ": expected a resolved address");
      }
    }
    this.addresses = addresses;
    this.identity = addresses.size() == 1 ? addresses.get(0) : Set.copyOf(addresses);
    this.connectTimeout = connectTimeout.dividedBy(addresses.size());
    this.whenUnreachable = whenUnreachable;
  }

  /** At these addresses of a name, which is forgotten when one of them can't be connected to. */
  static TcpUpstream named(
      String host,
      List<InetAddress> addresses,
      int port,
      Duration connectTimeout,
      HostNames names) {
    return new TcpUpstream(
        addresses.stream().map(address -> new InetSocketAddress(address, port)).toList(),
        connectTimeout,
        () -> names.forget(host));
  }

  @Override
  public Future<Channel> connect(EventLoop loop) {
    return connect(loop, 0);
  }

  private Future<Channel> connect(EventLoop loop, int index) {
    var address = addresses.get(index);
    var type = Transport.of(loop).tcpChannel();
    var attempt =
        Dialer.dial(loop, type, address, connectTimeout, "tcp://" + shown(address))
            .onFailure(failure -> whenUnreachable.run());
    return index + 1 == addresses.size()
        ? attempt
        : attempt.recover(failure -> connect(loop, index + 1));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TcpUpstream upstream && identity.equals(upstream.identity);
  }

  @Override
  public int hashCode() {
    return identity.hashCode();
  }

  @Override
  public String toString() {
    return shown(addresses);
  }

  private static String shown(List<InetSocketAddress> addresses) {
    return addresses.size() == 1
        ? "tcp://" + shown(addresses.get(0))
        : addresses.stream().map(TcpUpstream::shown).collect(joining(",", "tcp://", ""));
  }

  private static String shown(InetSocketAddress address) {
    return IpAddresses.inUrl(IpAddresses.text(address.getAddress())) + ":" + address.getPort();
  }
}
