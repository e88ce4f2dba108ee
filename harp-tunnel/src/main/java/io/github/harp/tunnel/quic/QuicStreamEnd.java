// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.stream.Reset;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;

/**
 * Lets a QUIC stream end as a TCP connection does: the end of the peer's bytes closes it, whoever
 * closes it wants no more bytes, and what is cut off does not look complete.
 */
final class QuicStreamEnd extends ChannelDuplexHandler {

  private static final int NO_ERROR = 0;
  private static final int ABORTED = 1;

  private boolean closing;

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      closing = true;
      if (Boolean.TRUE.equals(ctx.channel().config().getOption(ChannelOption.ALLOW_HALF_CLOSURE))) {
        ctx.fireUserEventTriggered(event);
      }
      ctx.close();
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    if (!closing) {
      closing = true;
      var stream = (QuicStreamChannel) ctx.channel();
      if (stream.hasAttr(Reset.WANTED)) {
        stream.shutdown(ABORTED);
      } else if (!stream.isInputShutdown()) {
        stream.shutdownInput(NO_ERROR);
      }
    }
    ctx.close(promise);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (!closing) {
      closing = true;
      ctx.fireExceptionCaught(
          new TunnelException(Code.RESET, "the way to the peer ended before the stream did"));
    }
    ctx.fireChannelInactive();
  }
}
