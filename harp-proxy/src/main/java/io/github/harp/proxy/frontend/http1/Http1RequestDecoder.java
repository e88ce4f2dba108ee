// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http1;

import io.github.harp.proxy.budget.Budget;
import io.github.harp.proxy.budget.SmallParts;
import io.github.harp.proxy.budget.UnfinishedLines;
import io.github.harp.proxy.exchange.RequestBody;
import io.github.harp.proxy.frontend.head.MalformedRequest;
import io.github.harp.proxy.frontend.head.RequestHeadRules;
import io.github.harp.proxy.frontend.head.RequestHeadScan;
import io.github.harp.proxy.frontend.head.RequestTarget;
import io.github.harp.proxy.loop.Turns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Netty's decoder behind {@link RequestHeadScan}, handing on one request at a time: after the last
 * content of a request nothing is decoded until {@link #nextRequest}, so pipelined requests, and
 * the bytes that follow a head with {@code Upgrade}, wait here as bytes. When more than one read's
 * worth of them waits, the socket is not read any more.
 *
 * <p>Emits {@link HttpRequest}, {@code HttpContent} and {@link MalformedRequest}; after the latter
 * it discards everything.
 */
final class Http1RequestDecoder extends HttpRequestDecoder implements RequestBody {

  private static final int MAX_WAITING_BYTES = 64 * 1024;
  private static final int MAX_CONTENT_BYTES = 64 * 1024;

  /** Of a head, or trailers, that are not whole, once it is urgent that memory is short. */
  private static final int MAX_UNFINISHED_HEAD_BYTES = 4 * 1024;

  /** When the socket is paused a read may have begun that brings more. */
  private static final int READS_UNDER_WAY = 1;

  private final RequestHeadScan scan;
  private final Budget buffers;
  private final Turns turns;
  private final SmallParts parts = new SmallParts();
  private final UnfinishedLines trailers = new UnfinishedLines();
  private @Nullable ChannelHandlerContext context;
  private boolean inBody;
  private boolean betweenRequests;
  private boolean bodyPaused;
  private boolean broken;
  private boolean reading;
  private boolean socketPaused;
  private int pausedReads;
  private int pausedBytes;
  private int begun;
  private boolean awaitsTurn;

  /**
   * @param buffers says how much may be read that has to wait
   * @param turns where it waits that has brought very many requests, or parts of one, at once
   */
  Http1RequestDecoder(int maxHeadBytes, Budget buffers, Turns turns) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(maxHeadBytes)
            .setMaxHeaderSize(maxHeadBytes)
            .setMaxChunkSize(MAX_CONTENT_BYTES));
    // What is decoded keeps no memory, however many reads come at a time.
    setDiscardAfterReads(1);
    this.scan = new RequestHeadScan(maxHeadBytes);
    this.buffers = buffers;
    this.turns = turns;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  /** Whether some bytes of a request that is not yet decoded have arrived. */
  boolean hasBufferedBytes() {
    return actualReadableBytes() > 0;
  }

  /** What bytes that have come and are not decoded keep, all of their buffer, and half trailers. */
  int bufferedBytes() {
    return trailers.footprint() + (hasBufferedBytes() ? internalBuffer().capacity() : 0);
  }

  /** Its bytes stay undecoded. */
  @Override
  public void pause() {
    bodyPaused = true;
  }

  @Override
  public void resume() {
    bodyPaused = false;
    proceed();
  }

  @Override
  public void discard() {
    resume();
  }

  /** The request that was handed on is answered, and its pause over: the next one may come. */
  void nextRequest() {
    betweenRequests = false;
    bodyPaused = false;
    proceed();
  }

  /** Whether what has come is no HTTP, so that nobody knows where it ends. */
  boolean isBroken() {
    return broken;
  }

  /** Whether more has come, which is not looked at since others have their turn. */
  boolean awaitsTurn() {
    return awaitsTurn;
  }

  /** Whether what has come is not looked at yet. */
  boolean holdsBytes() {
    return isHolding() && hasBufferedBytes();
  }

  private void awaitTurn() {
    awaitsTurn = true;
    turns.await(
        () -> {
          awaitsTurn = false;
          proceed();
        });
  }

  private void proceed() {
    var ctx = context;
    // While a read is being handled the decoding loop goes on by itself: no recursion.
    if (reading || isHolding() || ctx == null || !isOpen(ctx)) {
      return;
    }
    if (hasBufferedBytes()) {
      channelRead(ctx, Unpooled.EMPTY_BUFFER);
      ctx.fireChannelReadComplete();
    } else {
      readSocket(ctx);
    }
  }

  private static boolean isOpen(ChannelHandlerContext ctx) {
    return !ctx.isRemoved() && ctx.channel().isActive();
  }

  /** Once, when it is known what waits: a read that is begun can't be taken back everywhere. */
  private void readSocket(ChannelHandlerContext ctx) {
    long mayWait = Math.min(MAX_WAITING_BYTES, buffers.mayWaitBytes());
    boolean isFull = isHolding() && actualReadableBytes() > mayWait;
    if (socketPaused != isFull) {
      socketPaused = isFull;
      ctx.channel().config().setAutoRead(!isFull);
    }
  }

  private boolean isHolding() {
    return betweenRequests || bodyPaused || awaitsTurn;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object input) {
    if (isOverrun((ByteBuf) input)) {
      ReferenceCountUtil.release(input);
      ctx.close();
      return;
    }
    begun = 0;
    parts.begin();
    reading = true;
    try {
      super.channelRead(ctx, input);
      // Whoever gets it may let more be decoded.
      for (var rest = parts.take(); rest != null; rest = parts.take()) {
        ctx.fireChannelRead(rest);
        super.channelRead(ctx, Unpooled.EMPTY_BUFFER);
      }
    } catch (Exception e) {
      ctx.fireExceptionCaught(e);
    } finally {
      reading = false;
    }
    turns.begun(cost());
    readSocket(ctx);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    if (isHolding()) {
      // The base class would ask for more bytes, since it has decoded nothing.
      discardSomeReadBytes();
      ctx.fireChannelReadComplete();
    } else {
      super.channelReadComplete(ctx);
    }
  }

  /**
   * Whether more comes than was asked for: once the client has gone, epoll and io_uring read all
   * that it has left behind, paused or not. While memory is short that is the connection's end.
   */
  private boolean isOverrun(ByteBuf input) {
    if (!socketPaused) {
      pausedReads = 0;
      pausedBytes = 0;
      return false;
    }
    if (input.isReadable()) {
      pausedReads++;
      pausedBytes += input.readableBytes();
    }
    return pausedReads > READS_UNDER_WAY
        && pausedBytes > MAX_UNFINISHED_HEAD_BYTES
        && buffers.isShort();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof ChannelInputShutdownEvent) {
      // The base class would throw away the requests that wait here for their turn.
      ctx.fireUserEventTriggered(event);
    } else {
      super.userEventTriggered(ctx, event);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    if (broken) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (isHolding()) {
      return;
    }
    if (inBody) {
      decodeBody(ctx, in, out);
    } else {
      decodeHead(ctx, in, out);
    }
    if (!out.isEmpty() && out.get(out.size() - 1) instanceof LastHttpContent last) {
      inBody = false;
      betweenRequests = true;
      broken = last.decoderResult().isFailure();
    }
    if ((betweenRequests || inBody) && cost() >= turns.room() && in.isReadable()) {
      awaitTurn();
    }
  }

  /** In requests. */
  private int cost() {
    return begun + parts.asRequests();
  }

  private void decodeBody(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws Exception {
    int begin = in.readerIndex();
    super.decode(ctx, in, out);
    if (!out.isEmpty()) {
      trailers.finished();
    } else {
      trailers.taken(in, begin);
    }
    boolean tooMany = trailers.lines() > RequestHeadRules.MAX_HEADERS;
    if (tooMany || trailers.footprint() > MAX_UNFINISHED_HEAD_BYTES && buffers.isUrgent()) {
      trailers.finished();
      // So that the base class lets go of them.
      reset();
      super.decode(ctx, Unpooled.EMPTY_BUFFER, out);
      in.skipBytes(in.readableBytes());
      var failed = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
      failed.setDecoderResult(DecoderResult.failure(new TooLongHttpHeaderException("trailers")));
      out.add(failed);
    }
    parts.join(out, ctx.alloc());
  }

  private void decodeHead(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws Exception {
    if (!scan.scan(in)) {
      if (in.readableBytes() > MAX_UNFINISHED_HEAD_BYTES && buffers.isUrgent()) {
        refuse(in, out, MalformedRequest.unfinishedWhileMemoryIsShort());
      }
      return;
    }
    var violation = scan.violation();
    if (violation != null) {
      refuse(in, out, violation);
      return;
    }
    super.decode(ctx, in, out);
    if (out.isEmpty()) {
      refuse(in, out, new MalformedRequest("a head that the codec does not understand"));
      return;
    }
    var request = (HttpRequest) out.get(0);
    if (request.decoderResult().isFailure()) {
      out.clear();
      refuse(in, out, new MalformedRequest(reason(request)));
      return;
    }
    if (scan.hasNonAsciiTarget()) {
      request.setUri(RequestTarget.percentEncodeNonAscii(request.uri()));
    }
    scan.reset();
    inBody = true;
    begun++;
  }

  private void refuse(ByteBuf in, List<Object> out, MalformedRequest violation) {
    broken = true;
    in.skipBytes(in.readableBytes());
    out.add(violation);
  }

  private static String reason(HttpObject request) {
    DecoderResult result = request.decoderResult();
    return result.cause().getClass().getSimpleName();
  }

  /** Part of a request head has arrived, but not all of it. */
  boolean isInHead() {
    return !inBody && !betweenRequests && (scan.hasBegun() || hasBufferedBytes());
  }

  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    // What a vanished client left unfinished is nobody's business any more.
    ReferenceCountUtil.release(parts.take());
  }
}
