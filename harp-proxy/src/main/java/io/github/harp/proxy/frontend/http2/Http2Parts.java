// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http2;

import io.github.harp.proxy.budget.SmallParts;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2StreamFrame;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Joins the small DATA frames of each stream that come with one read, and knows how many such parts
 * nobody has taken: windows count bytes only, and a frame of one takes hundreds of the heap. Sits
 * between the codec and the streams.
 */
final class Http2Parts extends ChannelInboundHandlerAdapter {

  private final Map<Http2FrameStream, ByteBuf> parts = new LinkedHashMap<>();
  private final AtomicInteger waiting = new AtomicInteger();

  /** How many parts there are that nobody has taken. */
  int waiting() {
    return waiting.get();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object frame) {
    if (frame instanceof Http2DataFrame data && isSmall(data)) {
      parts
          .computeIfAbsent(data.stream(), stream -> new Part(ctx.alloc()))
          .writeBytes(data.content());
      data.release();
      return;
    }
    if (!parts.isEmpty() && frame instanceof Http2StreamFrame next) {
      handOn(ctx, next.stream(), parts.remove(next.stream()));
    }
    ctx.fireChannelRead(frame);
  }

  private static boolean isSmall(Http2DataFrame data) {
    return !data.isEndStream()
        && data.padding() == 0
        && data.content().readableBytes() <= SmallParts.SMALL_BYTES;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (!parts.isEmpty()) {
      parts.forEach((stream, part) -> handOn(ctx, stream, part));
      parts.clear();
    }
    ctx.fireChannelReadComplete();
  }

  private static void handOn(
      ChannelHandlerContext ctx, Http2FrameStream stream, @Nullable ByteBuf part) {
    if (part != null) {
      ctx.fireChannelRead(new DefaultHttp2DataFrame(part).stream(stream));
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    parts.values().forEach(ByteBuf::release);
    parts.clear();
  }

  /** Knows when it has been taken, or its stream has gone. */
  private final class Part extends UnpooledHeapByteBuf {

    Part(ByteBufAllocator allocator) {
      super(allocator, SmallParts.SMALL_BYTES, Integer.MAX_VALUE);
      waiting.incrementAndGet();
    }

    @Override
    protected void deallocate() {
      waiting.decrementAndGet();
      super.deallocate();
    }
  }
}
