// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.work;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Copies bytes between two channels of one event loop, each as fast as the other takes them.
 *
 * <p>Both are closed when either ends, as in frp; a reset stays a reset. Where half-closure is
 * allowed, a channel that has only ended its own bytes still gets the other's, as long as some
 * come: the end is not passed on, since frpc would take it for the end of everything.
 */
public final class Relay extends ChannelDuplexHandler {

  /** How long one that has ended its own bytes waits for more of the other's. */
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private @Nullable Channel other;
  private boolean bytesSinceCheck;
  private boolean failed;

  /**
   * Joins the channel that this handler is in with one that it is not in yet; autoRead of both is
   * off.
   */
  public void join(Channel mine, Channel theirs) {
    Relay back = new Relay();
    other = theirs;
    back.other = mine;
    theirs.pipeline().addLast(back);
    if (!mine.isActive()) {
      WorkConnection.reset(theirs);
      return;
    }
    mine.config().setAutoRead(true);
    theirs.config().setAutoRead(true);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    if (other == null) {
      ReferenceCountUtil.release(msg);
      ctx.close();
    } else {
      other.write(msg, other.voidPromise());
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (other != null) {
      other.flush();
      if (!other.isWritable()) {
        ctx.channel().config().setAutoRead(false);
      }
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (other != null) {
      other.config().setAutoRead(ctx.channel().isWritable());
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      bytesSinceCheck = true;
      closeWhenSilent(ctx);
    }
  }

  private void closeWhenSilent(ChannelHandlerContext ctx) {
    if (bytesSinceCheck) {
      bytesSinceCheck = false;
      ctx.executor()
          .schedule(() -> closeWhenSilent(ctx), SILENCE.toMillis(), TimeUnit.MILLISECONDS);
    } else {
      failed = true;
      ctx.close();
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    bytesSinceCheck = true;
    ctx.write(msg, promise);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    Channel peer = other;
    if (peer == null || !peer.isOpen()) {
      return;
    }
    if (failed) {
      WorkConnection.reset(peer);
    } else {
      peer.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> peer.close());
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failed = true;
    ctx.close();
  }
}
