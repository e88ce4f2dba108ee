// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.connection;

import io.github.harp.proxy.budget.SmallParts;
import io.github.harp.proxy.budget.UnfinishedLines;
import io.github.harp.proxy.forward.head.ResponseRules;
import io.github.harp.proxy.loop.Turns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Netty's decoder of answers behind an {@link AnswerHeadScan}: it takes what applications really
 * send and other proxies deliver, and knows when it did. Nobody is asked to trust the connection
 * after such an answer. Requests are read strictly: there a second meaning is an attack.
 */
final class AnswerDecoder extends HttpResponseDecoder {

  private static final int MAX_HEAD_BYTES = 64 * 1024;
  private static final int MAX_LINES = 2 * ResponseRules.MAX_HEADERS;
  private static final int MAX_CONTENT_BYTES = 64 * 1024;

  /** Once the upstream has gone, epoll and io_uring read all that it left behind. */
  private static final int MAX_WAITING_BYTES = 128 * 1024;

  private final AnswerHeadScan scan = new AnswerHeadScan();
  private final UnfinishedLines unfinished = new UnfinishedLines();
  private final SmallParts parts = new SmallParts();
  private final Turns turns;
  private boolean inHead = true;
  private boolean isWanted = true;
  private boolean awaitsTurn;
  private boolean answersHead;

  /**
   * @param turns where it waits that has brought very many parts of a body at once
   */
  AnswerDecoder(Turns turns) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_HEAD_BYTES)
            .setMaxHeaderSize(MAX_HEAD_BYTES)
            .setMaxChunkSize(MAX_CONTENT_BYTES)
            .setAllowDuplicateContentLengths(true));
    this.turns = turns;
  }

  /** The answers from now on are to a request with this method. */
  void expectAnswerTo(HttpMethod method) {
    answersHead = method.equals(HttpMethod.HEAD);
  }

  /** Bytes after the end of an answer: the connection is out of step. */
  boolean hasBufferedBytes() {
    return actualReadableBytes() > 0;
  }

  /** About what it keeps of a head, or of trailers, that are not whole yet; 0 between them. */
  int unfinishedBytes() {
    int buffered = hasBufferedBytes() ? internalBuffer().capacity() : 0;
    return buffered + unfinished.footprint();
  }

  /** The rule that the last head was delivered by although it broke another; null for none. */
  @Nullable String lenience() {
    return scan.lenience();
  }

  /** Whether the last head said that bytes follow it, be they allowed or not. */
  boolean announcesBody() {
    return scan.announcesBody();
  }

  /** Whether the socket is to be read: not while what has come waits for its turn. */
  void read(Channel channel, boolean wanted) {
    isWanted = wanted;
    channel.config().setAutoRead(wanted && !awaitsTurn);
  }

  private void awaitTurn(ChannelHandlerContext ctx) {
    awaitsTurn = true;
    read(ctx.channel(), isWanted);
    turns.await(() -> turn(ctx));
  }

  private void turn(ChannelHandlerContext ctx) {
    awaitsTurn = false;
    if (!ctx.isRemoved()) {
      try {
        channelRead(ctx, Unpooled.EMPTY_BUFFER);
      } catch (Exception e) {
        ctx.fireExceptionCaught(e);
      }
      ctx.fireChannelReadComplete();
      read(ctx.channel(), isWanted);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object input) throws Exception {
    parts.begin();
    try {
      super.channelRead(ctx, input);
    } finally {
      turns.begun(parts.asRequests());
      handOn(ctx);
    }
  }

  private void handOn(ChannelHandlerContext ctx) {
    var rest = parts.take();
    if (rest != null) {
      ctx.fireChannelRead(rest);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    if (ctx.channel().config().isAutoRead()) {
      super.channelReadComplete(ctx);
    } else {
      // The base class would ask for more bytes of a head that is to wait, having decoded nothing.
      discardSomeReadBytes();
      ctx.fireChannelReadComplete();
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    if (awaitsTurn && ctx.channel().isActive() && in.readableBytes() <= MAX_WAITING_BYTES) {
      return;
    }
    int begin = in.readerIndex();
    if (inHead) {
      decodeHead(ctx, in, out);
    } else {
      super.decode(ctx, in, out);
    }
    if (out.isEmpty()) {
      unfinished(in, begin);
    } else {
      unfinished.finished();
    }
    for (var part : out) {
      if (part instanceof LastHttpContent) {
        inHead = true;
      } else if (part instanceof HttpResponse) {
        inHead = false;
      }
    }
    parts.join(out, ctx.alloc());
    if (!inHead && !awaitsTurn && parts.asRequests() >= turns.room() && in.isReadable()) {
      awaitTurn(ctx);
    }
  }

  /** Its end: what was joined of the last bytes comes before it is told. */
  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws Exception {
    super.decodeLast(ctx, in, out);
    var rest = parts.take();
    if (rest != null) {
      out.add(0, rest);
    }
  }

  /** Lines of a head, or of trailers, have been decoded from there on, and more are to come. */
  private void unfinished(ByteBuf in, int begin) {
    unfinished.taken(in, begin);
    if (unfinished.lines() > MAX_LINES) {
      throw new TooLongHttpHeaderException("more than " + MAX_LINES + " lines in a head");
    }
  }

  private void decodeHead(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws Exception {
    if (scan.isHttp2(in)) {
      throw new DecoderException(
          "it speaks HTTP/2 only, as gRPC does: expected HTTP/1.1, in which HaRP asks ExApps");
    }
    int length = scan.scan(in);
    if (!scan.hasBareLineFeeds()) {
      super.decode(ctx, in, out);
      return;
    }
    // The codec is strict about the ends of lines, and is to stay so within chunks.
    var repaired = AnswerHeadScan.withCarriageReturns(in.readSlice(length), ctx.alloc());
    try {
      super.decode(ctx, repaired, out);
    } finally {
      repaired.release();
    }
  }

  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    clearContentLength();
    message.headers().remove(HttpHeaderNames.CONTENT_LENGTH);
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    return answersHead
        || ((HttpResponse) message).status().code() == 101
        || super.isContentAlwaysEmpty(message);
  }
}
