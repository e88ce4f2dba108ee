// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import io.github.harp.core.Upstream;
import io.github.harp.proxy.transport.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;

/** A TCP address. Equal to every other one with this address. */
public final class TcpUpstream implements Upstream {

  private final InetSocketAddress address;
  private final Duration connectTimeout;
  private final Runnable whenUnreachable;

  /**
   * @param address resolved
   */
  public TcpUpstream(InetSocketAddress address, Duration connectTimeout) {
    this(address, connectTimeout, () -> {});
  }

  /**
   * @param whenUnreachable told of each failed attempt, on an event loop
   */
  TcpUpstream(InetSocketAddress address, Duration connectTimeout, Runnable whenUnreachable) {
    if (address.isUnresolved()) {
      throw new IllegalArgumentException(address + ": expected a resolved address");
    }
    this.address = address;
    this.connectTimeout = connectTimeout;
    this.whenUnreachable = whenUnreachable;
  }

  @Override
  public Future<Channel> connect(EventLoop loop) {
    var type = Transport.of(loop).tcpChannel();
    return Dialer.dial(loop, type, address, connectTimeout, toString())
        .onFailure(failure -> whenUnreachable.run());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TcpUpstream upstream && address.equals(upstream.address);
  }

  @Override
  public int hashCode() {
    return Objects.hashCode(address);
  }

  @Override
  public String toString() {
    var host = address.getAddress().getHostAddress();
    return "tcp://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }
}
