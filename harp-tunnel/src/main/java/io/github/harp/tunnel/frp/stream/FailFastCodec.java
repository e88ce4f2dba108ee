// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageCodec;
import java.util.List;

/**
 * A codec that reports the first violation of its format once and is deaf from then on, whatever
 * else the peer sends before the connection is closed.
 */
public abstract class FailFastCodec<I> extends ByteToMessageCodec<I> {

  /** A piece as large as this is worth the receive buffer that it was cut from. */
  private static final int SIZEABLE_BYTES = 16 * 1024;

  private boolean broken;
  private int unfinishedBytes;
  private int countedBytes;

  /** Reads one unit if it is complete; throws when the bytes cannot be one. */
  protected abstract void read(ChannelHandlerContext ctx, ByteBuf in, List<Object> out);

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) throws Exception {
    super.channelRead(ctx, msg instanceof ByteBuf bytes ? onItsOwn(bytes) : msg);
    count(ctx, ctx.isRemoved() ? 0 : unfinishedBytes);
  }

  private void count(ChannelHandlerContext ctx, int now) {
    var all = Unfinished.of(ctx.channel());
    if (all != null && now != countedBytes) {
      countedBytes = now;
      all.keeps(ctx, now);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    super.channelInactive(ctx);
    count(ctx, 0);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) throws Exception {
    super.handlerRemoved(ctx);
    count(ctx, 0);
  }

  /**
   * A copy where the original is little: what is not complete is kept, and would keep the whole
   * receive buffer with it, for each of thousands of streams. Takes over {@code bytes}.
   */
  public static ByteBuf onItsOwn(ByteBuf bytes) {
    if (bytes.readableBytes() >= SIZEABLE_BYTES) {
      return bytes;
    }
    try {
      return Unpooled.buffer(bytes.readableBytes()).writeBytes(bytes);
    } finally {
      bytes.release();
    }
  }

  @Override
  protected final void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (broken) {
      in.skipBytes(in.readableBytes());
      return;
    }
    try {
      read(ctx, in, out);
      unfinishedBytes = in.readableBytes();
    } catch (RuntimeException e) {
      broken = true;
      unfinishedBytes = 0;
      in.skipBytes(in.readableBytes());
      throw e;
    }
  }

  /** Whatever was complete has been read; a rest at the end of the stream is nothing. */
  @Override
  protected final void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {}
}
