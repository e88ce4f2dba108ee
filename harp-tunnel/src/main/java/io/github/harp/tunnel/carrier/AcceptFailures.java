// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets a listener rest for a second when it can't accept, for want of open files above all. */
final class AcceptFailures extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(AcceptFailures.class);
  private static final long PAUSE_MILLIS = 1_000;

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      ctx.fireExceptionCaught(cause);
      return;
    }
    Channel listener = ctx.channel();
    if (listener.config().isAutoRead()) {
      LOG.warn("{} accepts nobody for a second: {}", listener.localAddress(), cause.getMessage());
      listener.config().setAutoRead(false);
      listener
          .eventLoop()
          .schedule(() -> listener.config().setAutoRead(true), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }
}
