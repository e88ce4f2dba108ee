// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import io.github.harp.tunnel.stream.ErrorAlarm;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionStats;
import io.netty.handler.codec.quic.QuicDatagramExtensionEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends a datagram now and then to a peer that takes them, so that neither the connection nor the
 * NATs on the way think that nobody needs them any more. frp's own programs take none and do
 * without: they have pings of their own. To write one to them would end the connection, so they are
 * asked for a sign of life on a stream that they have no use for, but acknowledge.
 */
final class SignsOfLife extends ChannelInboundHandlerAdapter {

  private static final long INTERVAL_SECONDS = 10;
  private static final long LOOK_MILLIS = 50;

  private final Runnable established;
  private @Nullable ScheduledFuture<?> timer;
  private @Nullable Future<QuicStreamChannel> questions;

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
                  () -> say(ctx.channel()), INTERVAL_SECONDS, INTERVAL_SECONDS, TimeUnit.SECONDS);
    }
    ctx.fireUserEventTriggered(event);
  }

  private static void say(Channel where) {
    where.writeAndFlush(where.alloc().directBuffer(1).writeByte(0));
  }

  /**
   * Gives whether anything came from the peer after it was asked. Where it can't be, it is true.
   * Called on the event loop.
   */
  Future<Boolean> ask(QuicChannel connection, Duration patience) {
    Promise<Boolean> alive = connection.eventLoop().newPromise();
    if (timer == null
        && questions == null
        && connection.peerAllowedStreams(QuicStreamType.UNIDIRECTIONAL) == 0) {
      return alive.setSuccess(true);
    }
    long end = System.nanoTime() + patience.toNanos();
    connection
        .collectStats()
        .addListener(
            (Future<QuicConnectionStats> before) -> {
              if (before.isSuccess()) {
                ask(connection);
                look(connection, before.getNow().recv(), end, alive);
              } else {
                alive.setSuccess(false);
              }
            });
    return alive;
  }

  private void ask(QuicChannel connection) {
    if (timer != null) {
      say(connection);
      return;
    }
    if (questions == null) {
      questions =
          connection.createStream(
              QuicStreamType.UNIDIRECTIONAL, new ChannelInboundHandlerAdapter());
    }
    questions.addListener(
        (Future<QuicStreamChannel> created) -> {
          if (created.isSuccess()) {
            say(created.getNow());
          }
        });
  }

  private static void look(
      QuicChannel connection, long received, long end, Promise<Boolean> alive) {
    connection
        .collectStats()
        .addListener(
            (Future<QuicConnectionStats> now) -> {
              if (!now.isSuccess() || System.nanoTime() > end) {
                alive.setSuccess(false);
              } else if (now.getNow().recv() > received) {
                alive.setSuccess(true);
              } else {
                connection
                    .eventLoop()
                    .schedule(
                        () -> look(connection, received, end, alive),
                        LOOK_MILLIS,
                        TimeUnit.MILLISECONDS);
              }
            });
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
