// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Headers.PseudoHeaderName;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 stream as the HTTP objects that an HTTP/1 codec would give and take. After an extended
 * CONNECT has been accepted it carries bytes.
 */
final class Http2StreamCodec extends ChannelDuplexHandler {

  /** Connection headers of HTTP/1 and pseudo-names have no place in HTTP/2. */
  private static final Set<String> NOT_IN_HTTP2 =
      Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");

  private @Nullable ChannelHandlerContext context;
  private @Nullable Http2HeadersFrame heldHead;
  private boolean headSeen;
  private boolean isExtendedConnect;
  private boolean isUpgraded;
  private boolean isInterim;

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  // --- from the client

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object frame) {
    if (frame instanceof Http2HeadersFrame headers) {
      headers(ctx, headers);
    } else if (frame instanceof Http2DataFrame data) {
      data(ctx, data);
    } else {
      ReferenceCountUtil.release(frame);
    }
  }

  private void headers(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
    if (headSeen) {
      trailers(ctx, frame);
      return;
    }
    headSeen = true;
    isExtendedConnect = frame.headers().contains(PseudoHeaderName.PROTOCOL.value());
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

  private void data(ChannelHandlerContext ctx, Http2DataFrame frame) {
    if (!isUpgraded) {
      ctx.fireChannelRead(
          frame.isEndStream()
              ? new DefaultLastHttpContent(frame.content())
              : new DefaultHttpContent(frame.content()));
      return;
    }
    boolean isEnd = frame.isEndStream();
    ctx.fireChannelRead(frame.content());
    if (isEnd) {
      ctx.fireChannelReadComplete();
      ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }
  }

  // --- to the client

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof HttpResponse response) {
      head(ctx, response, promise);
    } else if (message instanceof LastHttpContent last) {
      last(ctx, last, promise);
    } else if (message instanceof HttpContent content) {
      writeHeldHead(ctx);
      ctx.write(new DefaultHttp2DataFrame(content.content()), promise);
    } else if (message instanceof ByteBuf bytes) {
      ctx.write(new DefaultHttp2DataFrame(bytes), promise);
    } else {
      ctx.write(message, promise);
    }
  }

  private void head(ChannelHandlerContext ctx, HttpResponse response, ChannelPromise promise) {
    isInterim =
        response.status().codeClass() == HttpStatusClass.INFORMATIONAL
            && response.status().code() != 101;
    isUpgraded = isExtendedConnect && response.status().code() == 101;
    var frame = new DefaultHttp2HeadersFrame(toHttp2(response), false);
    if (isInterim || isUpgraded) {
      ctx.write(frame, promise);
    } else {
      // Held until it is known whether a body follows.
      heldHead = frame;
      promise.trySuccess();
    }
  }

  private void last(ChannelHandlerContext ctx, LastHttpContent last, ChannelPromise promise) {
    if (isInterim || isUpgraded) {
      isInterim = false;
      last.release();
      ctx.write(Unpooled.EMPTY_BUFFER, promise);
      return;
    }
    boolean hasContent = last.content().isReadable();
    boolean hasTrailers = !last.trailingHeaders().isEmpty();
    var held = heldHead;
    if (held != null && !hasContent && !hasTrailers) {
      heldHead = null;
      last.release();
      ctx.write(new DefaultHttp2HeadersFrame(held.headers(), true), promise);
      return;
    }
    writeHeldHead(ctx);
    if (!hasTrailers) {
      ctx.write(new DefaultHttp2DataFrame(last.content(), true), promise);
      return;
    }
    if (hasContent) {
      ctx.write(new DefaultHttp2DataFrame(last.content(), false));
    } else {
      last.release();
    }
    var trailers = new DefaultHttp2Headers();
    for (var all = last.trailingHeaders().iteratorCharSequence(); all.hasNext(); ) {
      var trailer = all.next();
      trailers.add(lowerCase(trailer.getKey()), trailer.getValue());
    }
    ctx.write(new DefaultHttp2HeadersFrame(trailers, true), promise);
  }

  private void writeHeldHead(ChannelHandlerContext ctx) {
    var held = heldHead;
    if (held != null) {
      heldHead = null;
      ctx.write(held);
    }
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    writeHeldHead(ctx);
    ctx.flush();
  }

  /** After an upgrade: nothing more will be sent. */
  ChannelFuture endOutput() {
    return Objects.requireNonNull(context).writeAndFlush(new DefaultHttp2DataFrame(true));
  }

  private Http2Headers toHttp2(HttpResponse response) {
    var headers = new DefaultHttp2Headers();
    int status = isUpgraded ? 200 : response.status().code();
    headers.status(AsciiString.of(Integer.toString(status)));
    for (var all = response.headers().iteratorCharSequence(); all.hasNext(); ) {
      var header = all.next();
      var name = lowerCase(header.getKey());
      if (!isLeftOut(name)) {
        headers.add(name, header.getValue());
      }
    }
    return headers;
  }

  private boolean isLeftOut(AsciiString name) {
    return NOT_IN_HTTP2.contains(name.toString())
        || isUpgraded && HttpHeaderNames.SEC_WEBSOCKET_ACCEPT.contentEquals(name);
  }

  private static AsciiString lowerCase(CharSequence name) {
    return AsciiString.of(name).toLowerCase();
  }
}
