// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.work;

import io.github.harp.tunnel.stream.ErrorAlarm;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts the payload of all streams of a client. Ends one that breaks before whoever wanted it has
 * put a handler behind this.
 */
@ChannelHandler.Sharable
public final class PayloadCounter extends ChannelDuplexHandler {

  private final LongAdder in = new LongAdder();
  private final LongAdder out = new LongAdder();

  public long bytesIn() {
    return in.sum();
  }

  public long bytesOut() {
    return out.sum();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    if (msg instanceof ByteBuf bytes) {
      in.add(bytes.readableBytes());
    }
    ctx.fireChannelRead(msg);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    if (msg instanceof ByteBuf bytes) {
      out.add(bytes.readableBytes());
    }
    ctx.write(msg, promise);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (ctx.pipeline().last() == this && ErrorAlarm.isOfPeer(cause)) {
      ctx.close();
    } else {
      ctx.fireExceptionCaught(cause);
    }
  }
}
