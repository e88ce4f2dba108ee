// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.testing;

import io.github.harp.core.HarpException;
import io.github.harp.core.upstream.Upstream;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Connects to a socket, and remembers which connections are still open. */
public final class SocketUpstream implements Upstream {

  private final SocketAddress address;
  private final Set<Channel> open = ConcurrentHashMap.newKeySet();

  public SocketUpstream(SocketAddress address) {
    this.address = address;
  }

  public static SocketUpstream unix(Path socket) {
    return new SocketUpstream(UnixDomainSocketAddress.of(socket));
  }

  public int openConnections() {
    return open.size();
  }

  @Override
  public Future<Channel> connect(EventLoop loop) {
    var promise = Promise.<Channel>promise();
    new Bootstrap()
        .group(loop)
        .channel(
            address instanceof UnixDomainSocketAddress
                ? NioDomainSocketChannel.class
                : NioSocketChannel.class)
        .option(ChannelOption.AUTO_READ, false)
        .handler(new ChannelInboundHandlerAdapter())
        .connect(address)
        .addListener((ChannelFuture connected) -> settle(connected, promise));
    return promise.future();
  }

  private void settle(ChannelFuture connected, Promise<Channel> promise) {
    var channel = connected.channel();
    if (!connected.isSuccess()) {
      promise.fail(
          new HarpException(
              HarpException.Code.UNREACHABLE, "can't connect to " + this, connected.cause()));
      return;
    }
    channel.pipeline().removeLast();
    open.add(channel);
    channel.closeFuture().addListener(closed -> open.remove(channel));
    promise.complete(channel);
  }

  @Override
  public String toString() {
    return address instanceof UnixDomainSocketAddress unix
        ? "unix://" + unix.getPath()
        : "tcp:/" + address;
  }
}
