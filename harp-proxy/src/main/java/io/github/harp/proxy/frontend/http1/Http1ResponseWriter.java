// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http1;

import io.github.harp.proxy.budget.SmallCopy;
import io.github.harp.proxy.budget.UnsentBytes;
import io.github.harp.proxy.frontend.connection.AnswerWriter;
import io.github.harp.proxy.frontend.connection.ConnectionContext;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/**
 * Sends answers on an HTTP/1 connection, framed as the client's version needs it, and knows whether
 * the connection can carry another one.
 */
final class Http1ResponseWriter extends AnswerWriter {

  private final ConnectionContext context;
  private final Http1ResponseEncoder encoder = new Http1ResponseEncoder();
  private @Nullable HttpResponse heldHead;
  private HttpVersion version = HttpVersion.HTTP_1_1;
  private boolean isHead;
  private boolean keepAlive = true;
  private boolean awaitsContinue;
  private long lastWrite;

  Http1ResponseWriter(ConnectionContext context, Channel channel) {
    super(channel);
    this.context = context;
  }

  /** Belongs into the channel's pipeline. */
  Http1ResponseEncoder encoder() {
    return encoder;
  }

  /** The answers from now on are to this request. */
  void begin(HttpRequest request) {
    version = request.protocolVersion();
    keepAlive = HttpUtil.isKeepAlive(request);
    awaitsContinue = HttpUtil.is100ContinueExpected(request);
    isHead = request.method().equals(HttpMethod.HEAD);
    encoder.answersHead(isHead);
  }

  private boolean isHttp10() {
    return version.equals(HttpVersion.HTTP_1_0);
  }

  /** Whether another request may follow; settled once the head of the answer is written. */
  boolean keepsAlive() {
    return keepAlive;
  }

  /** The whole request is here. */
  void requestEnded() {
    awaitsContinue = false;
  }

  /** When something of an answer was written last. */
  long lastWrite() {
    return lastWrite;
  }

  @Override
  public String protocol() {
    return version.text();
  }

  @Override
  public ByteBufAllocator alloc() {
    return channel.alloc();
  }

  @Override
  public void lastRequest() {
    keepAlive = false;
  }

  @Override
  public boolean takesInterim(int status) {
    boolean isAskedFor = status == 100 && awaitsContinue;
    return !isHttp10() && (isAskedFor || context.options().protocols().earlyHints());
  }

  @Override
  public void writeInterim(HttpResponse response) {
    awaitsContinue &= response.status().code() != 100;
    channel.write(response, channel.voidPromise());
    channel.write(LastHttpContent.EMPTY_LAST_CONTENT, channel.voidPromise());
    unflushed = true;
  }

  /** The head waits for what follows: with a whole small answer it becomes one write. */
  @Override
  public void writeHead(HttpResponse response) {
    keepAlive &= !context.connections().isEnding();
    frame(response);
    heldHead = response;
    unflushed = true;
  }

  private void frame(HttpResponse response) {
    var headers = response.headers();
    boolean isHttp10 = isHttp10();
    boolean hasLength = headers.contains(HttpHeaderNames.CONTENT_LENGTH);
    boolean isChunked = headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
    if (isChunked && isHttp10) {
      headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
    }
    boolean isOpenEnded =
        !hasLength && (isHttp10 || !isChunked) && mayHaveBody(response.status().code());
    if (isOpenEnded && !isHttp10) {
      headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    // A client that was told not to send its body would be out of step on this connection.
    keepAlive &= !awaitsContinue && !(isOpenEnded && isHttp10);
    if (!keepAlive) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (isHttp10) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
  }

  private boolean mayHaveBody(int status) {
    return status != 204 && status != 304 && !isHead;
  }

  @Override
  public void writeContent(HttpContent part) {
    lastWrite = context.loop().deadlines().now();
    var content = UnsentBytes.of(channel) > 0 ? SmallCopy.of(part, channel.alloc()) : part;
    var head = heldHead;
    unflushed = true;
    if (head != null && content instanceof LastHttpContent last) {
      heldHead = null;
      channel.write(
          new DefaultFullHttpResponse(
              head.protocolVersion(),
              head.status(),
              last.content(),
              head.headers(),
              last.trailingHeaders()),
          channel.voidPromise());
      return;
    }
    writeHeldHead();
    channel.write(content, channel.voidPromise());
  }

  /** Sends a 101. */
  void switchProtocols(HttpResponse response) {
    channel.write(response, channel.voidPromise());
    channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT, channel.voidPromise());
  }

  @Override
  protected void writeHeldHead() {
    var head = heldHead;
    if (head != null) {
      heldHead = null;
      channel.write(head, channel.voidPromise());
    }
  }

  @Override
  public boolean isWritable() {
    return context.loop().takesMore(channel);
  }
}
