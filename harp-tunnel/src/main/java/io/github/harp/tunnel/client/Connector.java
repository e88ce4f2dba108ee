// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Opens sockets: looks names up off the event loop and tries their addresses one after the other.
 */
final class Connector {

  /** Looks a name up; may block. */
  interface Names {
    InetAddress[] addressesOf(String host) throws UnknownHostException;
  }

  private final SocketTransport transport;
  private final BlockingWork blocking;
  private final Duration timeout;
  private final Names names;

  Connector(SocketTransport transport, BlockingWork blocking, Duration timeout) {
    this(transport, blocking, timeout, InetAddress::getAllByName);
  }

  Connector(SocketTransport transport, BlockingWork blocking, Duration timeout, Names names) {
    this.names = names;
    this.transport = transport;
    this.blocking = blocking;
    this.timeout = timeout;
  }

  Future<Channel> tcp(String host, int port, ChannelHandler handler) {
    Promise<Channel> connected = transport.loop().newPromise();
    Bootstrap bootstrap =
        withTimeout(transport.tcp())
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .handler(handler);
    if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
      settle(
          bootstrap.connect(
              new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(host), port)),
          connected);
      return connected;
    }
    blocking
        .call(transport.loop(), () -> names.addressesOf(host))
        .addListener(
            (Future<InetAddress[]> lookup) -> {
              if (lookup.isSuccess()) {
                tryInTurn(bootstrap, lookup.getNow(), 0, port, connected);
              } else {
                connected.tryFailure(lookup.cause());
              }
            });
    return connected;
  }

  Future<Channel> unix(Path path, ChannelHandler handler) {
    Promise<Channel> connected = transport.loop().newPromise();
    settle(
        withTimeout(transport.unix()).handler(handler).connect(transport.unixAddress(path)),
        connected);
    return connected;
  }

  private Bootstrap withTimeout(Bootstrap bootstrap) {
    return bootstrap.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeout.toMillis());
  }

  private static void tryInTurn(
      Bootstrap bootstrap,
      InetAddress[] addresses,
      int index,
      int port,
      Promise<Channel> connected) {
    bootstrap
        .clone()
        .connect(new InetSocketAddress(addresses[index], port))
        .addListener(
            (ChannelFuture attempt) -> {
              if (attempt.isSuccess()) {
                succeed(attempt.channel(), connected);
              } else if (index + 1 < addresses.length) {
                tryInTurn(bootstrap, addresses, index + 1, port, connected);
              } else {
                connected.tryFailure(attempt.cause());
              }
            });
  }

  private static void settle(ChannelFuture attempt, Promise<Channel> connected) {
    attempt.addListener(
        done -> {
          if (done.isSuccess()) {
            succeed(attempt.channel(), connected);
          } else {
            connected.tryFailure(done.cause());
          }
        });
  }

  private static void succeed(Channel channel, Promise<Channel> connected) {
    if (!connected.trySuccess(channel)) {
      channel.close();
    }
  }
}
