// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import io.github.harp.tunnel.server.TunnelServerOptions.Loops;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * How a server listens, and on which event loops.
 *
 * @param owned whether the loops end with the server
 */
public record ServerSockets(Loops loops, boolean owned) {

  /** One more would wait for the second that TCP lets pass before it knocks again. */
  private static final int BACKLOG = 4096;

  /** So that a newcomer's wait for those before him is not one of many rounds of a busy loop. */
  private static final int ACCEPTED_AT_A_TIME = 256;

  private static final long SHUTDOWN_SECONDS = 2;

  /** On event loops of its own, one per processor. */
  public static ServerSockets onOwnLoops() {
    var transport = SocketKind.best();
    var loops = transport.newLoops(Runtime.getRuntime().availableProcessors(), "tunnel-server");
    return new ServerSockets(new Loops(loops, loops, transport.serverChannel()), true);
  }

  public EventLoopGroup workers() {
    return loops.workers();
  }

  /** Listens; what can't be accepted for want of open files makes it rest for a second. */
  public ChannelFuture listen(InetSocketAddress address, ChannelHandler connections) {
    return new ServerBootstrap()
        .group(loops.acceptors(), loops.workers())
        .channel(loops.channelType())
        .handler(new AcceptFailures())
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .option(ChannelOption.RCVBUF_ALLOCATOR, acceptsMany())
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.SO_KEEPALIVE, true)
        .childHandler(connections)
        .bind(address);
  }

  /** Else epoll accepts one: it compares the socket's number with the bytes that it asked for. */
  private static RecvByteBufAllocator acceptsMany() {
    return new ServerChannelRecvByteBufAllocator()
        .respectMaybeMoreData(false)
        .maxMessagesPerRead(ACCEPTED_AT_A_TIME);
  }

  public void shutDown() {
    if (owned) {
      loops.workers().shutdownGracefully(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS);
    }
  }
}
