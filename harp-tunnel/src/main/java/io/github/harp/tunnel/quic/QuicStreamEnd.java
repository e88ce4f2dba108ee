// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.stream.Reset;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets a QUIC stream end as a TCP connection does: the end of the peer's bytes closes it, whoever
 * closes it wants no more bytes, and what is cut off does not look complete.
 *
 * <p>What still comes after that is read for a moment: QUIC's library says of no byte that it has
 * dropped it, and somebody counts them.
 */
final class QuicStreamEnd extends ChannelDuplexHandler {

  private static final int NO_ERROR = 0;
  private static final int ABORTED = 1;

  /** A peer that hears of the end has more than enough time to end its own side. */
  private static final long LAST_BYTES_SECONDS = 2;

  private final @Nullable IntConsumer dropped;
  private boolean closing;
  private @Nullable Future<?> lastBytes;

  /** Nobody counts: what still comes is refused at once. */
  QuicStreamEnd() {
    this.dropped = null;
  }

  /**
   * @param dropped told how many bytes came that nobody wanted any more
   */
  QuicStreamEnd(IntConsumer dropped) {
    this.dropped = dropped;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (lastBytes == null) {
      ctx.fireChannelRead(message);
      return;
    }
    if (dropped != null && message instanceof ByteBuf bytes) {
      dropped.accept(bytes.readableBytes());
    }
    ReferenceCountUtil.release(message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (lastBytes == null) {
      ctx.fireChannelReadComplete();
    } else {
      ctx.read();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      closing = true;
      if (lastBytes == null
          && Boolean.TRUE.equals(
              ctx.channel().config().getOption(ChannelOption.ALLOW_HALF_CLOSURE))) {
        ctx.fireUserEventTriggered(event);
      }
      ctx.close();
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    var stream = (QuicStreamChannel) ctx.channel();
    if (lastBytes != null) {
      closeWith(stream, promise);
    } else if (closing || stream.isInputShutdown() || !stream.isActive()) {
      closing = true;
      ctx.close(promise);
    } else if (dropped == null) {
      closing = true;
      refuse(stream);
      ctx.close(promise);
    } else {
      closing = true;
      closeWith(stream, promise);
      awaitLastBytes(ctx, stream);
    }
  }

  private static void closeWith(QuicStreamChannel stream, ChannelPromise promise) {
    stream.closeFuture().addListener(closed -> promise.trySuccess());
  }

  private static void refuse(QuicStreamChannel stream) {
    if (stream.hasAttr(Reset.WANTED)) {
      stream.shutdown(ABORTED);
    } else {
      stream.shutdownInput(NO_ERROR);
    }
  }

  private void awaitLastBytes(ChannelHandlerContext ctx, QuicStreamChannel stream) {
    lastBytes =
        ctx.executor()
            .schedule(
                () -> {
                  stream.shutdownInput(NO_ERROR);
                  ctx.close();
                },
                LAST_BYTES_SECONDS,
                TimeUnit.SECONDS);
    if (stream.hasAttr(Reset.WANTED)) {
      stream.shutdownOutput(ABORTED);
    } else {
      stream.shutdownOutput();
    }
    ctx.read();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.fireExceptionCaught(cause);
    if (lastBytes != null) {
      ctx.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (lastBytes != null) {
      lastBytes.cancel(false);
    }
    if (!closing) {
      closing = true;
      ctx.fireExceptionCaught(
          new TunnelException(Code.RESET, "the way to the peer ended before the stream did"));
    }
    ctx.fireChannelInactive();
  }
}
