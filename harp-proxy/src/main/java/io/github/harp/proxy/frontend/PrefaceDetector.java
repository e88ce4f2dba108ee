// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.util.List;

/** Tells HTTP/2 with prior knowledge from HTTP/1 by the first bytes, and leaves. */
final class PrefaceDetector extends ByteToMessageDecoder {

  private final ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
  private final Runnable whenHttp2;

  /**
   * @param whenHttp2 makes the pipeline behind this handler one for HTTP/2; without it, it is one
   *     for HTTP/1
   */
  PrefaceDetector(Runnable whenHttp2) {
    this.whenHttp2 = whenHttp2;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int length = Math.min(in.readableBytes(), preface.readableBytes());
    for (int i = 0; i < length; i++) {
      if (in.getByte(in.readerIndex() + i) != preface.getByte(i)) {
        ctx.pipeline().remove(this);
        return;
      }
    }
    if (length == preface.readableBytes()) {
      whenHttp2.run();
      ctx.pipeline().remove(this);
    }
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) {
    preface.release();
  }
}
