// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.backend;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The part of the backend that files cannot play; the last segment of the path says which: {@code
 * events} streams server-sent events that carry the time of sending, {@code echo} is a WebSocket,
 * anything else swallows a body.
 */
final class LiveServer extends SimpleChannelInboundHandler<HttpObject> {
  private static final long EVENT_INTERVAL_MILLIS = 20;

  private @Nullable HttpRequest request;
  private long bodyBytes;

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
    if (message instanceof HttpRequest head) {
      request = head;
      bodyBytes = 0;
      if (HttpUtil.is100ContinueExpected(head)) {
        ctx.writeAndFlush(
            new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
      }
    }
    if (message instanceof HttpContent content) {
      bodyBytes += content.content().readableBytes();
    }
    if (message instanceof LastHttpContent && request != null) {
      answer(ctx, request);
      request = null;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  private void answer(ChannelHandlerContext ctx, HttpRequest head) {
    var path = new QueryStringDecoder(head.uri()).path();
    switch (path.substring(path.lastIndexOf('/') + 1)) {
      case "events" -> streamEvents(ctx);
      case "echo" -> becomeEcho(ctx, head);
      default -> answerWithCount(ctx, head);
    }
  }

  private void answerWithCount(ChannelHandlerContext ctx, HttpRequest head) {
    var body = Unpooled.copiedBuffer(bodyBytes + "\n", StandardCharsets.US_ASCII);
    var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body);
    HttpUtil.setContentLength(response, body.readableBytes());
    HttpUtil.setKeepAlive(response, HttpUtil.isKeepAlive(head));
    ctx.writeAndFlush(response);
  }

  private static void streamEvents(ChannelHandlerContext ctx) {
    var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream");
    response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    ctx.writeAndFlush(response);
    var ticks =
        ctx.executor()
            .scheduleAtFixedRate(
                () -> ctx.writeAndFlush(event(System.nanoTime())),
                EVENT_INTERVAL_MILLIS,
                EVENT_INTERVAL_MILLIS,
                TimeUnit.MILLISECONDS);
    ctx.channel().closeFuture().addListener(closed -> ticks.cancel(false));
  }

  /** {@link System#nanoTime} is the same clock in every process of a Linux machine. */
  private static HttpContent event(long sentNanos) {
    var text = "data: " + sentNanos + "\n\n";
    return new DefaultHttpContent(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
  }

  private static void becomeEcho(ChannelHandlerContext ctx, HttpRequest head) {
    var url = "ws://" + head.headers().get(HttpHeaderNames.HOST) + head.uri();
    var handshaker = new WebSocketServerHandshakerFactory(url, null, false).newHandshaker(head);
    if (handshaker == null) {
      ctx.close();
      return;
    }
    var full =
        new DefaultFullHttpRequest(
            head.protocolVersion(),
            head.method(),
            head.uri(),
            Unpooled.EMPTY_BUFFER,
            head.headers(),
            EmptyHttpHeaders.INSTANCE);
    handshaker
        .handshake(ctx.channel(), full)
        .addListener(done -> ctx.pipeline().replace(LiveServer.class, "echo", new Echo()));
  }

  private static final class Echo extends SimpleChannelInboundHandler<BinaryWebSocketFrame> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, BinaryWebSocketFrame frame) {
      ctx.write(frame.retain());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
