// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.util.ReferenceCountUtil;

/** One HTTP/2 stream as the bytes that it carries once an extended CONNECT is accepted. */
final class Http2Bytes extends ChannelDuplexHandler {

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object frame) {
    if (!(frame instanceof Http2DataFrame data)) {
      ReferenceCountUtil.release(frame);
      return;
    }
    boolean isEnd = data.isEndStream();
    ctx.fireChannelRead(data.content());
    if (isEnd) {
      ctx.fireChannelReadComplete();
      ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    ctx.write(
        message instanceof ByteBuf bytes ? new DefaultHttp2DataFrame(bytes) : message, promise);
  }
}
