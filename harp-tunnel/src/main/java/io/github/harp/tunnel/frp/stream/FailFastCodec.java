// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageCodec;
import java.util.List;

/**
 * A codec that reports the first violation of its format once and is deaf from then on, whatever
 * else the peer sends before the connection is closed.
 */
public abstract class FailFastCodec<I> extends ByteToMessageCodec<I> {

  private boolean broken;

  /** Reads one unit if it is complete; throws when the bytes cannot be one. */
  protected abstract void read(ChannelHandlerContext ctx, ByteBuf in, List<Object> out);

  @Override
  protected final void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (broken) {
      in.skipBytes(in.readableBytes());
      return;
    }
    try {
      read(ctx, in, out);
    } catch (RuntimeException e) {
      broken = true;
      in.skipBytes(in.readableBytes());
      throw e;
    }
  }

  /** Whatever was complete has been read; a rest at the end of the stream is nothing. */
  @Override
  protected final void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {}
}
