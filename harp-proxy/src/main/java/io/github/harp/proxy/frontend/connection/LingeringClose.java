// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.connection;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes of closing a connection an end of our half, after which what the client still sends is
 * thrown away until it closes as well, for a bounded time. Closing at once while it sends would
 * make its kernel throw away what we said last: the reason.
 *
 * <p>To the handlers behind this one the connection is over as soon as it is to be closed.
 */
public final class LingeringClose extends ChannelDuplexHandler {

  /** How long the client, once told, may send nothing without closing. */
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** How long all of it may take. */
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final long LOOK_AGAIN_MILLIS = 250;

  private @Nullable ChannelHandlerContext context;
  private boolean lingering;
  private boolean halfEnded;
  private boolean toldInactive;
  private long began;
  private long lastActivity;

  public void cut() {
    if (context != null) {
      context.close();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    var channel = ctx.channel();
    if (!channel.isActive()) {
      ctx.close(promise);
      return;
    }
    var done = promise.unvoid();
    channel.closeFuture().addListener(closed -> done.trySuccess());
    if (!lingering) {
      linger(ctx);
    }
  }

  private void linger(ChannelHandlerContext ctx) {
    lingering = true;
    began = System.nanoTime();
    SendingHalf.end(ctx.channel(), ctx).addListener(ended -> halfEnded());
    ctx.channel().config().setAutoRead(true);
    // Later, as Netty does: this may be called from deep inside one of those that are told.
    ctx.executor().execute(() -> tellInactive(ctx));
    lookAgain(ctx);
  }

  private void halfEnded() {
    halfEnded = true;
    lastActivity = System.nanoTime();
  }

  private void lookAgain(ChannelHandlerContext ctx) {
    ctx.executor().schedule(() -> look(ctx), LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void look(ChannelHandlerContext ctx) {
    long now = System.nanoTime();
    if (now - began > LONGEST_NANOS || halfEnded && now - lastActivity > SILENCE_NANOS) {
      ctx.close();
    } else if (ctx.channel().isActive()) {
      lookAgain(ctx);
    }
  }

  private void tellInactive(ChannelHandlerContext ctx) {
    if (!toldInactive) {
      toldInactive = true;
      ctx.fireChannelInactive();
    }
  }

  // --- what still comes from the client

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (lingering) {
      lastActivity = System.nanoTime();
      ReferenceCountUtil.release(message);
    } else {
      ctx.fireChannelRead(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (!lingering) {
      ctx.fireChannelReadComplete();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (lingering && event == ChannelInputShutdownEvent.INSTANCE) {
      ctx.close();
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    tellInactive(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (lingering && !(cause instanceof Error)) {
      ctx.close();
    } else {
      ctx.fireExceptionCaught(cause);
    }
  }

  // --- what nobody waits for any more

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (lingering) {
      ReferenceCountUtil.release(message);
      if (!promise.isVoid()) {
        promise.tryFailure(new ClosedChannelException());
      }
    } else {
      ctx.write(message, promise);
    }
  }
}
