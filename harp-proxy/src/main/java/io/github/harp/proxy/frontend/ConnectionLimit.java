// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend;

import io.github.harp.core.HarpException;
import io.github.harp.proxy.forward.FatalErrors;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
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

  private static final long PAUSE_MILLIS = 1_000;

  private final int limit;
  private final FatalErrors errors;
  private final AtomicInteger open = new AtomicInteger();
  private final List<Channel> listeners = new CopyOnWriteArrayList<>();

  ConnectionLimit(int limit, FatalErrors errors) {
    this.limit = limit;
    this.errors = errors;
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

  /** Such as too many open files: a line for each pause. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    errors.look(cause);
    if (!(cause instanceof IOException)) {
      ctx.fireExceptionCaught(cause);
      return;
    }
    var listener = ctx.channel();
    if (listener.config().isAutoRead()) {
      var reason = HarpException.reasonOf(cause);
      LOG.warn("{} accepts nobody for a second: {}", listener.localAddress(), reason);
      listener.config().setAutoRead(false);
      listener.eventLoop().schedule(() -> goOn(listener), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void goOn(Channel listener) {
    if (open.get() < limit) {
      listener.config().setAutoRead(true);
    }
  }
}
