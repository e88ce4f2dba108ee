// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.session;

import io.github.harp.tunnel.carrier.Transport;
import io.github.harp.tunnel.client.TunnelNames;
import io.github.harp.tunnel.stream.FatalErrors;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Opens sockets: looks names up and tries their addresses one after the other. */
final class Connector {

  private static final int MAX_ADDRESSES = 8;

  private final EventLoop loop;
  private final Transport transport;
  private final Duration timeout;
  private final TunnelNames names;
  private final Consumer<Throwable> onFatalError;

  /**
   * @param timeout for all addresses of a name together
   * @throws IllegalArgumentException if the loop is neither of epoll nor of NIO
   */
  Connector(EventLoop loop, Duration timeout, TunnelNames names, Consumer<Throwable> onFatalError) {
    this.loop = loop;
    this.transport = Transport.of(loop);
    this.timeout = timeout;
    this.names = names;
    this.onFatalError = onFatalError;
  }

  Future<Channel> tcp(String host, int port, ChannelHandler handler) {
    Promise<Channel> connected = loop.newPromise();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(transport.tcpChannel())
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .handler(handler);
    if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
      settle(
          withTimeout(bootstrap, 1)
              .connect(
                  new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(host), port)),
          connected);
      return connected;
    }
    names
        .addressesOf(host)
        .whenComplete(
            (found, failure) ->
                loop.execute(
                    () -> {
                      if (failure != null) {
                        connected.tryFailure(failure);
                      } else {
                        var some = found.subList(0, Math.min(found.size(), MAX_ADDRESSES));
                        new InTurn(host, port, some, bootstrap, connected).connect(0);
                      }
                    }));
    return connected;
  }

  Future<Channel> unix(Path path, ChannelHandler handler) {
    Promise<Channel> connected = loop.newPromise();
    var bootstrap = new Bootstrap().group(loop).channel(transport.unixChannel()).handler(handler);
    settle(withTimeout(bootstrap, 1).connect(transport.unixAddress(path)), connected);
    return connected;
  }

  private Bootstrap withTimeout(Bootstrap bootstrap, int addresses) {
    return bootstrap
        .attr(FatalErrors.LISTENER, onFatalError)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeout.toMillis() / addresses);
  }

  /** One address after the other, until somebody accepts. */
  private final class InTurn {

    private final String host;
    private final int port;
    private final List<InetAddress> addresses;
    private final Bootstrap bootstrap;
    private final Promise<Channel> connected;

    InTurn(
        String host,
        int port,
        List<InetAddress> addresses,
        Bootstrap bootstrap,
        Promise<Channel> connected) {
      this.host = host;
      this.port = port;
      this.addresses = addresses;
      this.bootstrap = withTimeout(bootstrap, Math.max(1, addresses.size()));
      this.connected = connected;
    }

    void connect(int index) {
      if (index == addresses.size()) {
        connected.tryFailure(new UnknownHostException(host + ": no address"));
        return;
      }
      bootstrap
          .clone()
          .connect(new InetSocketAddress(addresses.get(index), port))
          .addListener((ChannelFuture attempt) -> ended(attempt, index));
    }

    private void ended(ChannelFuture attempt, int index) {
      if (attempt.isSuccess()) {
        succeed(attempt.channel(), connected);
        return;
      }
      names.forget(host);
      if (index + 1 < addresses.size()) {
        connect(index + 1);
      } else {
        connected.tryFailure(attempt.cause());
      }
    }
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
