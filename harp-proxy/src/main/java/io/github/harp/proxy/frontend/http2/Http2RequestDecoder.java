// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http2;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Headers.PseudoHeaderName;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.Map;

/** The frames of one HTTP/2 stream as the HTTP objects that a decoder of HTTP/1 would give. */
final class Http2RequestDecoder extends ChannelInboundHandlerAdapter {

  private boolean headSeen;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object frame) {
    if (frame instanceof Http2DataFrame data) {
      ctx.fireChannelRead(
          data.isEndStream()
              ? new DefaultLastHttpContent(data.content())
              : new DefaultHttpContent(data.content()));
    } else if (!(frame instanceof Http2HeadersFrame headers)) {
      ReferenceCountUtil.release(frame);
    } else if (headSeen) {
      trailers(ctx, headers);
    } else {
      headSeen = true;
      head(ctx, headers);
    }
  }

  private static void head(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
    boolean isExtendedConnect = frame.headers().contains(PseudoHeaderName.PROTOCOL.value());
    try {
      ctx.fireChannelRead(Http2RequestHead.toHttp1(frame.headers(), !frame.isEndStream()));
    } catch (Http2RequestHead.MalformedException e) {
      ctx.fireChannelRead(e.request());
      return;
    }
    // What follows the head of a CONNECT belongs to the other protocol.
    if (isExtendedConnect) {
      ctx.channel().config().setAutoRead(false);
    }
    if (frame.isEndStream() || isExtendedConnect) {
      ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
    }
  }

  private static void trailers(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
    var last = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
    for (Map.Entry<CharSequence, CharSequence> trailer : frame.headers()) {
      if (trailer.getKey().length() > 0 && trailer.getKey().charAt(0) != ':') {
        try {
          last.trailingHeaders().add(trailer.getKey(), trailer.getValue());
        } catch (IllegalArgumentException notATrailer) {
          // Content-Length and the like: what may not be in trailers is left out.
          continue;
        }
      }
    }
    ctx.fireChannelRead(last);
  }
}
