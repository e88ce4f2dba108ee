// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.TunnelServerOptions.Loops;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * The event loops of a server and the kind of socket that fits them.
 *
 * @param owned whether the loops end with the server
 */
public record Transport(
    EventLoopGroup acceptors,
    EventLoopGroup workers,
    Class<? extends ServerChannel> channelType,
    boolean owned) {

  /** One more would wait for the second that TCP lets pass before it knocks again. */
  private static final int BACKLOG = 4096;

  private static final long SHUTDOWN_SECONDS = 2;

  public static Transport shared(Loops loops) {
    return new Transport(loops.acceptors(), loops.workers(), loops.channelType(), false);
  }

  /** Loops of its own, one per processor. */
  public static Transport own() {
    boolean epoll = Epoll.isAvailable();
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            Runtime.getRuntime().availableProcessors(),
            new DefaultThreadFactory("tunnel-server", true),
            epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    return new Transport(
        loops, loops, epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class, true);
  }

  /** Listens; what can't be accepted for want of open files makes it rest for a second. */
  public ChannelFuture listen(InetSocketAddress address, ChannelHandler connections) {
    return new ServerBootstrap()
        .group(acceptors, workers)
        .channel(channelType)
        .handler(new AcceptFailures())
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.SO_KEEPALIVE, true)
        .childHandler(connections)
        .bind(address);
  }

  public void shutDown() {
    if (owned) {
      workers.shutdownGracefully(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS);
    }
  }
}
