// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

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

  private static final long SHUTDOWN_SECONDS = 2;

  /** Loops of the host; {@code channelType} may be null for epoll and NIO. */
  public static Transport shared(
      EventLoopGroup acceptors,
      EventLoopGroup workers,
      @Nullable Class<? extends ServerChannel> channelType)
      throws TunnelException {
    if (channelType != null) {
      return new Transport(acceptors, workers, channelType, false);
    }
    if (acceptors instanceof IoEventLoopGroup io) {
      if (io.isIoType(NioIoHandler.class)) {
        return new Transport(acceptors, workers, NioServerSocketChannel.class, false);
      }
      if (Epoll.isAvailable() && io.isIoType(EpollIoHandler.class)) {
        return new Transport(acceptors, workers, EpollServerSocketChannel.class, false);
      }
    }
    throw new TunnelException(
        Code.CONFIGURATION,
        "event loops of an unknown transport: "
            + acceptors.getClass().getName()
            + "; expected epoll or NIO loops, or the class of the server channel with them");
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

  public void shutDown() {
    if (owned) {
      workers.shutdownGracefully(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS);
    }
  }
}
