// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import io.github.harp.tunnel.stream.ErrorAlarm;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicDatagramExtensionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends a datagram now and then to a peer that takes them, so that neither the connection nor the
 * NATs on the way think that nobody needs them any more. frp's own programs take none and do
 * without: they have pings of their own. To write one to them would end the connection.
 */
final class SignsOfLife extends ChannelInboundHandlerAdapter {

  private static final long INTERVAL_SECONDS = 10;

  private final Runnable established;
  private @Nullable ScheduledFuture<?> timer;

  SignsOfLife(Runnable established) {
    this.established = established;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    established.run();
    ctx.fireChannelActive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof QuicDatagramExtensionEvent && timer == null) {
      timer =
          ctx.executor()
              .scheduleAtFixedRate(
                  () -> ctx.writeAndFlush(ctx.alloc().directBuffer(1).writeByte(0)),
                  INTERVAL_SECONDS,
                  INTERVAL_SECONDS,
                  TimeUnit.SECONDS);
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (timer != null) {
      timer.cancel(false);
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object sign) {
    if (sign instanceof ByteBuf) {
      ReferenceCountUtil.release(sign);
    } else {
      ctx.fireChannelRead(sign);
    }
  }

  /** What breaks it closes it, which says enough. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ErrorAlarm.look(ctx.channel(), cause);
  }
}
