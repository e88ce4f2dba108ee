// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stream;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One end of a pair of channels on one event loop: what one reads the other writes, as fast as the
 * slower of them. AutoRead of both is off until they are joined.
 *
 * <p>As in frp, the end of either channel ends both, after everything read has been written. A
 * channel that breaks resets the other, so that a truncated answer does not look complete. Where
 * half-closure is allowed, a channel that has only ended its own bytes still gets the other's, as
 * long as some come: the end is not passed on, since frpc would take it for the end of everything.
 */
public final class Relay extends ChannelDuplexHandler {

  /** How long one that has ended its own bytes waits for more of the other's. */
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private final Queue<Object> early = new ArrayDeque<>();
  private @Nullable ChannelHandlerContext context;
  private @Nullable Channel peer;
  private boolean bytesSinceCheck;
  private boolean broken;

  /**
   * Starts relaying between this handler's channel and another one. Until now this end has kept
   * what it was given.
   */
  public void join(Channel other) {
    Channel own = context == null ? null : context.channel();
    if (own == null || !own.isActive()) {
      Reset.of(other);
      return;
    }
    Relay end = new Relay();
    other.pipeline().addLast(end);
    end.peer = own;
    peer = other;
    early.forEach(other::write);
    early.clear();
    other.flush();
    own.config().setAutoRead(other.isWritable());
    other.config().setAutoRead(own.isWritable());
    if (!other.isActive()) {
      end.endPeer();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    releaseEarly();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    Channel target = peer;
    if (target == null) {
      early.add(msg);
      return;
    }
    target.write(msg, target.voidPromise());
    if (!target.isWritable()) {
      ctx.channel().config().setAutoRead(false);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (peer != null) {
      peer.flush();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (peer != null) {
      peer.config().setAutoRead(ctx.channel().isWritable());
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
      broken = true;
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
    endPeer();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ErrorAlarm.look(ctx.channel(), cause);
    broken = true;
    ctx.close();
  }

  private void endPeer() {
    releaseEarly();
    Channel target = peer;
    if (target == null || !target.isOpen()) {
      return;
    }
    if (broken) {
      Reset.of(target);
    } else {
      target.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  private void releaseEarly() {
    early.forEach(ReferenceCountUtil::release);
    early.clear();
  }
}
