// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.stream.Bridge;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.github.harp.tunnel.stream.HeldBytes;
import io.github.harp.tunnel.stream.Reset;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A stream on its way to something at another server: says where it wants to go, and is given to
 * whoever asked for it once the other one has connected it.
 */
final class Departure extends ChannelDuplexHandler {

  private final String destination;
  private final EventLoop loop;
  private final Duration patience;
  private final HeldBytes heldBytes;
  private final Promise<Channel> connected;
  private final Runnable answered;
  private final ByteBuf answer = Unpooled.buffer(0, 1 + LinkAnswer.MAX_REASON_BYTES);
  private @Nullable ByteBuf early;
  private @Nullable ScheduledFuture<?> deadline;
  private boolean isAnswered;

  /**
   * @param loop where the channel is wanted
   * @param patience for its answer
   * @param answered told once, when there is an answer or will be none; on the stream's event loop
   */
  Departure(
      String destination,
      EventLoop loop,
      Duration patience,
      HeldBytes heldBytes,
      Runnable answered) {
    this.destination = destination;
    this.loop = loop;
    this.patience = patience;
    this.heldBytes = heldBytes;
    this.connected = loop.newPromise();
    this.answered = answered;
  }

  Future<Channel> connected() {
    return connected;
  }

  boolean isWanted() {
    return !connected.isDone();
  }

  /** There is no way. */
  void fail(Throwable cause) {
    if (!isAnswered) {
      isAnswered = true;
      answered.run();
    }
    connected.tryFailure(cause);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    deadline =
        ctx.executor().schedule(() -> timedOut(ctx), patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    answer.release();
    if (early != null) {
      early.release();
      early = null;
    }
    stopWaiting();
  }

  private void stopWaiting() {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  private void timedOut(ChannelHandlerContext ctx) {
    fail(new TunnelException(Code.TIMEOUT, "no answer within " + patience.toSeconds() + " s"));
    Reset.of(ctx.channel());
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.writeAndFlush(Unpooled.copiedBuffer(destination + "\n", UTF_8));
    ctx.fireChannelActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf bytes = (ByteBuf) msg;
    if (isAnswered) {
      keep(ctx, bytes);
      return;
    }
    if (!answer.isReadable()
        && bytes.getByte(bytes.readerIndex()) == LinkAnswer.CONNECTED.ordinal()) {
      isAnswered = true;
      answered.run();
      ctx.channel().config().setAutoRead(false);
      keep(ctx, bytes.skipBytes(1));
      hand(ctx);
      return;
    }
    if (answer.readableBytes() + bytes.readableBytes() > answer.maxCapacity()) {
      Reset.of(ctx.channel());
    } else {
      answer.writeBytes(bytes);
    }
    bytes.release();
  }

  /** Bytes of the service that have come with the answer wait for whoever reads them. */
  private void keep(ChannelHandlerContext ctx, ByteBuf bytes) {
    if (!bytes.isReadable()) {
      bytes.release();
    } else if (early == null) {
      early = bytes;
    } else {
      early = ctx.alloc().compositeBuffer(2).addComponents(true, early, bytes);
    }
  }

  private void hand(ChannelHandlerContext ctx) {
    stopWaiting();
    var stream = ctx.channel();
    if (stream.eventLoop() == loop) {
      give(stream);
      return;
    }
    Bridge.across(stream, loop, heldBytes)
        .addListener(
            (Future<Channel> crossed) -> {
              if (crossed.isSuccess()) {
                give(crossed.getNow());
              } else {
                connected.tryFailure(crossed.cause());
              }
            });
  }

  private void give(Channel channel) {
    if (!connected.trySuccess(channel)) {
      Reset.of(channel);
    }
  }

  /** Somebody reads who is behind this. */
  @Override
  public void read(ChannelHandlerContext ctx) {
    if (!isAnswered) {
      ctx.read();
      return;
    }
    var first = early;
    early = null;
    ctx.pipeline().remove(this);
    if (first != null) {
      ctx.fireChannelRead(first);
      ctx.fireChannelReadComplete();
    }
    ctx.read();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (!isAnswered) {
      fail(refusal());
    }
    ctx.fireChannelInactive();
  }

  private TunnelException refusal() {
    if (!answer.isReadable()) {
      return new TunnelException(Code.CLOSED, "the link was closed before there was an answer");
    }
    var code =
        answer.readByte() == LinkAnswer.TIMED_OUT.ordinal() ? Code.TIMEOUT : Code.NO_SUCH_PORT;
    return new TunnelException(code, answer.toString(UTF_8));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ErrorAlarm.look(ctx.channel(), cause);
    if (isAnswered) {
      ctx.fireExceptionCaught(cause);
    } else {
      // A link that fell silent is not a service that is slow: it may be elsewhere by now.
      fail(new TunnelException(Code.CLOSED, "the link broke: " + cause.getMessage(), cause));
      ctx.close();
    }
  }
}
