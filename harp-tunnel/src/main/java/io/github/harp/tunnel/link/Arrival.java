// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.github.harp.tunnel.stream.HeldBytes.IdleStreams;
import io.github.harp.tunnel.stream.Relay;
import io.github.harp.tunnel.stream.Reset;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A stream of another server until it is connected: it says in one line where it wants to go, and
 * nothing more before it is answered.
 */
final class Arrival extends ChannelInboundHandlerAdapter {

  private final LinkReceiver receiver;
  private final Duration patience;
  private final IdleStreams idle;
  private final Runnable spoken;
  private final StringBuilder line = new StringBuilder();
  private @Nullable ScheduledFuture<?> deadline;
  private @Nullable Future<Channel> dialled;

  /**
   * @param patience for its first line
   * @param idle what this is one of until it is connected
   * @param spoken told when it has said where it wants to go
   */
  Arrival(LinkReceiver receiver, Duration patience, IdleStreams idle, Runnable spoken) {
    this.receiver = receiver;
    this.patience = patience;
    this.idle = idle;
    this.spoken = spoken;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    deadline =
        ctx.executor()
            .schedule(() -> Reset.of(ctx.channel()), patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    stopWaiting();
  }

  private void stopWaiting() {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf bytes = (ByteBuf) msg;
    try {
      read(ctx, bytes);
    } finally {
      bytes.release();
    }
  }

  private void read(ChannelHandlerContext ctx, ByteBuf bytes) {
    while (bytes.isReadable()) {
      char next = (char) bytes.readUnsignedByte();
      if (next == '\n') {
        dial(ctx, bytes.isReadable());
        return;
      }
      line.append(next);
    }
    if (line.length() > Links.MAX_DESTINATION) {
      Reset.of(ctx.channel());
    }
  }

  private void dial(ChannelHandlerContext ctx, boolean saysMore) {
    var stream = ctx.channel();
    if (saysMore || line.length() > Links.MAX_DESTINATION) {
      Reset.of(stream);
      return;
    }
    stopWaiting();
    spoken.run();
    // What comes before the answer is for the service.
    stream.config().setAutoRead(false);
    dialled = receiver.receive(line.toString(), stream.eventLoop());
    dialled.addListener(
        (Future<Channel> done) -> {
          if (done.isSuccess()) {
            connect(ctx, done.getNow());
          } else {
            refuse(ctx, done.cause());
          }
        });
  }

  private void connect(ChannelHandlerContext ctx, Channel service) {
    if (ctx.isRemoved() || !ctx.channel().isActive()) {
      Reset.of(service);
      return;
    }
    ctx.writeAndFlush(Unpooled.buffer(1).writeByte(LinkAnswer.CONNECTED.ordinal()));
    idle.remove(ctx.channel());
    var relay = new Relay();
    ctx.pipeline().replace(this, null, relay);
    relay.join(service);
  }

  private static void refuse(ChannelHandlerContext ctx, Throwable cause) {
    var code =
        cause instanceof TunnelException known && known.code() == TunnelException.Code.TIMEOUT
            ? LinkAnswer.TIMED_OUT
            : LinkAnswer.REFUSED;
    var reason = String.valueOf(cause.getMessage());
    var shown = reason.substring(0, Math.min(reason.length(), LinkAnswer.MAX_REASON));
    var answer = Unpooled.buffer(1 + shown.length()).writeByte(code.ordinal());
    answer.writeCharSequence(shown, UTF_8);
    ctx.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (dialled != null) {
      dialled.cancel(false);
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ErrorAlarm.look(ctx.channel(), cause);
    ctx.close();
  }
}
