// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http2;

import io.github.harp.proxy.budget.Footprint;
import io.github.harp.proxy.budget.SmallCopy;
import io.github.harp.proxy.budget.UnsentBytes;
import io.github.harp.proxy.frontend.connection.AnswerWriter;
import io.github.harp.proxy.loop.RequestIds;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.CharSequenceMap;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** Sends the answer on an HTTP/2 stream, as frames. */
final class Http2ResponseWriter extends AnswerWriter {

  /** Connection headers of HTTP/1 have no place in HTTP/2. */
  private static final CharSequenceMap<AsciiString> NOT_IN_HTTP2 =
      names(
          HttpHeaderNames.CONNECTION,
          HttpHeaderNames.KEEP_ALIVE,
          HttpHeaderNames.PROXY_CONNECTION,
          HttpHeaderNames.TRANSFER_ENCODING,
          HttpHeaderNames.UPGRADE);

  /** What most answers have, in small letters as HTTP/2 wants them: not to be made for each. */
  private static final CharSequenceMap<AsciiString> KNOWN =
      names(
          RequestIds.HEADER,
          HttpHeaderNames.SERVER,
          HttpHeaderNames.DATE,
          HttpHeaderNames.CONTENT_TYPE,
          HttpHeaderNames.CONTENT_LENGTH,
          HttpHeaderNames.CACHE_CONTROL,
          HttpHeaderNames.ETAG,
          HttpHeaderNames.LAST_MODIFIED,
          HttpHeaderNames.SET_COOKIE,
          HttpHeaderNames.VARY);

  private final Http2Connection connection;
  private @Nullable Http2Headers heldHead;
  private @Nullable ChannelFuture lastWrite;
  private @Nullable ChannelFuture awaited;
  private long overheadBytes;

  Http2ResponseWriter(Http2Connection connection, Channel channel) {
    super(channel);
    this.connection = connection;
  }

  /** Of a part of the answer; null before the first. */
  @Nullable ChannelFuture lastWrite() {
    return lastWrite;
  }

  /**
   * Trailers wait behind what the client's window holds back, and count there as nothing; a part of
   * a few bytes takes more than those.
   */
  long unsent() {
    boolean isWaiting = lastWrite != null && !lastWrite.isDone();
    overheadBytes = isWaiting ? overheadBytes : 0;
    return UnsentBytes.of(channel) + overheadBytes;
  }

  @Override
  public String protocol() {
    return "HTTP/2";
  }

  @Override
  public ByteBufAllocator alloc() {
    return channel.alloc();
  }

  @Override
  public void lastRequest() {
    connection.finishUp();
  }

  @Override
  public boolean takesInterim(int status) {
    return true;
  }

  @Override
  public void writeInterim(HttpResponse response) {
    write(head(response), /* isEnd= */ false);
  }

  /** Held until it is known whether a body follows. */
  @Override
  public void writeHead(HttpResponse response) {
    heldHead = head(response);
    unflushed = true;
  }

  @Override
  public void writeContent(HttpContent content) {
    if (content instanceof LastHttpContent last) {
      writeLast(last);
    } else {
      writeHeldHead();
      writeData(content, /* isEnd= */ false);
    }
  }

  private void writeLast(LastHttpContent last) {
    boolean hasContent = last.content().isReadable();
    boolean hasTrailers = !last.trailingHeaders().isEmpty();
    var held = heldHead;
    if (held != null && !hasContent && !hasTrailers) {
      heldHead = null;
      last.release();
      write(held, /* isEnd= */ true);
      return;
    }
    writeHeldHead();
    if (hasContent || !hasTrailers) {
      writeData(last, !hasTrailers);
    } else {
      last.release();
    }
    if (hasTrailers) {
      overheadBytes += Footprint.ofHeaders(last.trailingHeaders());
      write(copy(last.trailingHeaders(), unchecked()), /* isEnd= */ true);
    }
  }

  @Override
  protected void writeHeldHead() {
    var held = heldHead;
    if (held != null) {
      heldHead = null;
      write(held, /* isEnd= */ false);
    }
  }

  private void writeData(HttpContent part, boolean isEnd) {
    boolean waits = !connection.takes(channel, part.content().readableBytes());
    boolean isSmall = part.content().readableBytes() < Http2Connection.PIECE_BYTES;
    overheadBytes += waits && isSmall ? Http2Connection.PIECE_BYTES : 0;
    var content = waits ? SmallCopy.of(part, channel.alloc()) : part;
    lastWrite = channel.write(new DefaultHttp2DataFrame(content.content(), isEnd));
    unflushed = true;
  }

  private void write(Http2Headers headers, boolean isEnd) {
    lastWrite = channel.write(new DefaultHttp2HeadersFrame(headers, isEnd));
    unflushed = true;
  }

  /** An extended CONNECT is accepted, which has no key to prove that (RFC 8441, section 5). */
  void switchProtocols(HttpResponse response) {
    response.headers().remove(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT);
    var headers = copy(response.headers(), unchecked().status(HttpResponseStatus.OK.codeAsText()));
    channel.writeAndFlush(new DefaultHttp2HeadersFrame(headers));
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable() && !connection.isFull() && !(connection.isSparing() && !isSent());
  }

  /** As {@link UnsentBytes#isSent}, which knows nothing of streams. */
  private boolean isSent() {
    if (unsent() == 0) {
      return true;
    }
    var last = lastWrite;
    if (last != null && last != awaited) {
      awaited = last;
      last.addListener(
          done ->
              channel
                  .eventLoop()
                  .execute(() -> channel.pipeline().fireChannelWritabilityChanged()));
    }
    return false;
  }

  private static Http2Headers head(HttpResponse response) {
    var headers = unchecked();
    headers.status(response.status().codeAsText());
    return copy(response.headers(), headers);
  }

  /** What the codec of HTTP/1 has checked, or we have made. */
  private static Http2Headers unchecked() {
    return new DefaultHttp2Headers(/* validate= */ false);
  }

  private static Http2Headers copy(HttpHeaders from, Http2Headers to) {
    for (var all = from.iteratorCharSequence(); all.hasNext(); ) {
      var header = all.next();
      var name = header.getKey();
      if (!NOT_IN_HTTP2.contains(name)) {
        var known = KNOWN.get(name);
        to.add(known == null ? AsciiString.of(name).toLowerCase() : known, header.getValue());
      }
    }
    return to;
  }

  private static CharSequenceMap<AsciiString> names(AsciiString... names) {
    var all = new CharSequenceMap<AsciiString>(/* caseSensitive= */ false);
    for (var name : names) {
      all.add(name, name);
    }
    return all;
  }
}
