// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops accepting while there are too many client connections; more wait in the backlog. Sits in
 * the pipelines of all listeners.
 */
@Sharable
final class ConnectionLimit extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionLimit.class);

  private final int limit;
  private final AtomicInteger open = new AtomicInteger();
  private final List<Channel> listeners = new CopyOnWriteArrayList<>();

  ConnectionLimit(int limit) {
    this.limit = limit;
  }

  int open() {
    return open.get();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    listeners.add(ctx.channel());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object accepted) {
    var channel = (Channel) accepted;
    int now = open.incrementAndGet();
    channel.closeFuture().addListener(closed -> closed());
    if (now == limit) {
      LOG.warn("{} client connections are open, which is the limit: more have to wait", limit);
    }
    if (now >= limit) {
      listeners.forEach(listener -> listener.config().setAutoRead(false));
    }
    ctx.fireChannelRead(accepted);
  }

  private void closed() {
    if (open.decrementAndGet() == limit - 1) {
      listeners.forEach(listener -> listener.config().setAutoRead(true));
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.warn("accepting a connection on {} failed: {}", ctx.channel().localAddress(), cause);
    ctx.fireExceptionCaught(cause);
  }
}
