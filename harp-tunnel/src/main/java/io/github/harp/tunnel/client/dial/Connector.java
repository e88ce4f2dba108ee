// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.dial;

import io.github.harp.tunnel.carrier.SocketKind;
import io.github.harp.tunnel.client.TunnelNames;
import io.github.harp.tunnel.quic.QuicDial;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/** Opens sockets: looks names up and tries their addresses one after the other. */
public final class Connector {

  private static final int MAX_ADDRESSES = 8;

  private final EventLoop loop;
  private final SocketKind transport;
  private final Duration timeout;
  private final TunnelNames names;
  private final Consumer<Throwable> onFatalError;

  /**
   * @param timeout for all addresses of a name together
   * @throws IllegalArgumentException if the loop is neither of epoll nor of NIO
   */
  public Connector(
      EventLoop loop, Duration timeout, TunnelNames names, Consumer<Throwable> onFatalError) {
    this.loop = loop;
    this.transport = SocketKind.of(loop);
    this.timeout = timeout;
    this.names = names;
    this.onFatalError = onFatalError;
  }

  /** One attempt to connect to an address, which may take so long. */
  @FunctionalInterface
  private interface Attempt {
    Future<Channel> at(InetSocketAddress address, Duration patience);
  }

  public Future<Channel> tcp(String host, int port, ChannelHandler handler) {
    return connect(
        host,
        port,
        (address, patience) -> {
          Promise<Channel> connected = loop.newPromise();
          bootstrap(transport.tcpChannel(), handler, patience)
              .option(ChannelOption.TCP_NODELAY, true)
              .option(ChannelOption.SO_KEEPALIVE, true)
              .connect(address)
              .addListener((ChannelFuture attempt) -> settle(attempt, connected));
          return connected;
        });
  }

  /**
   * @param tls of QUIC's own
   * @param serverName which the server's certificate has to have, where it is verified
   */
  Future<Channel> quic(
      String host, int port, SslContext tls, String serverName, ChannelHandler handler) {
    return connect(
        host,
        port,
        (address, patience) ->
            QuicDial.start(loop, address, patience, tls, serverName, onFatalError, handler));
  }

  private Future<Channel> connect(String host, int port, Attempt attempt) {
    Promise<Channel> connected = loop.newPromise();
    var literal = NetUtil.createInetAddressFromIpAddressString(host);
    var addresses =
        literal == null
            ? names.addressesOf(host)
            : CompletableFuture.completedStage(List.of(literal));
    addresses.whenCompleteAsync(
        (found, failure) -> {
          if (failure != null) {
            connected.tryFailure(failure);
          } else if (found.isEmpty()) {
            connected.tryFailure(new UnknownHostException(host + ": no address"));
          } else {
            var some = found.subList(0, Math.min(found.size(), MAX_ADDRESSES));
            var patience = timeout.dividedBy(some.size());
            inTurn(
                address -> attempt.at(new InetSocketAddress(address, port), patience),
                host,
                some.iterator(),
                connected);
          }
        },
        loop);
    return connected;
  }

  /** One address after the other, until somebody accepts. */
  private void inTurn(
      Function<InetAddress, Future<Channel>> attempts,
      String host,
      Iterator<InetAddress> addresses,
      Promise<Channel> connected) {
    attempts
        .apply(addresses.next())
        .addListener(
            (Future<Channel> attempt) -> {
              if (attempt.isSuccess()) {
                if (!connected.trySuccess(attempt.getNow())) {
                  attempt.getNow().close();
                }
                return;
              }
              names.forget(host);
              if (addresses.hasNext()) {
                inTurn(attempts, host, addresses, connected);
              } else {
                connected.tryFailure(attempt.cause());
              }
            });
  }

  public Future<Channel> unix(Path path, ChannelHandler handler) {
    Promise<Channel> connected = loop.newPromise();
    bootstrap(transport.unixChannel(), handler, timeout)
        .connect(transport.unixAddress(path))
        .addListener((ChannelFuture attempt) -> settle(attempt, connected));
    return connected;
  }

  private Bootstrap bootstrap(
      Class<? extends Channel> kind, ChannelHandler handler, Duration patience) {
    return new Bootstrap()
        .group(loop)
        .channel(kind)
        .handler(handler)
        .attr(ErrorAlarm.LISTENER, onFatalError)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) patience.toMillis());
  }

  private static void settle(ChannelFuture attempt, Promise<Channel> connected) {
    if (!attempt.isSuccess()) {
      connected.tryFailure(attempt.cause());
    } else if (!connected.trySuccess(attempt.channel())) {
      attempt.channel().close();
    }
  }
}
