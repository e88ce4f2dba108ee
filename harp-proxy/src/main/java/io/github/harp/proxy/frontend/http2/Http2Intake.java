// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http2;

import io.github.harp.proxy.loop.Turns;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Between a client's socket and the codec of HTTP/2, frame by frame (RFC 9113, 4.1).
 *
 * <ul>
 *   <li>Hands on only so many frames at once, those first of all that each make an answer of our
 *       own, whatever a read has brought: what is left waits here as bytes for its turn. No window
 *       bounds such answers, nor how many frames it is whose bytes it does.
 *   <li>Counts what the codec keeps without telling: the part of a frame that has come while its
 *       rest has not, and the part of a header block that further frames continue.
 * </ul>
 */
final class Http2Intake extends ChannelDuplexHandler {

  private static final int END_HEADERS = 0x4;

  /** Two reads' worth: one may be under way when reading is paused. */
  private static final int MAX_WAITING_BYTES = 128 * 1024;

  private static final int MAX_WHILE_SHORT_BYTES = 16 * 1024;

  /** So many frames that make no answer take as long as one that does. */
  private static final int LIKE_AN_ANSWER = 16;

  private final Turns turns;
  private final IntSupplier room;
  private final BooleanSupplier isShort;
  private final Runnable whenWaiting;
  private final Queue<ByteBuf> waiting = new ArrayDeque<>();
  private final byte[] header = new byte[Http2CodecUtil.FRAME_HEADER_LENGTH];
  private @Nullable ChannelHandlerContext context;
  private int prefaceLeft = Http2CodecUtil.connectionPrefaceBuf().readableBytes();
  private int headerSeen;
  private int payloadSeen;
  private int blockBytes;
  private int waitingBytes;
  private boolean awaitsTurn;
  private int others;

  /**
   * @param room how many more answers of our own may be begun now
   * @param isShort whether nothing is to be read that would have to wait
   * @param whenWaiting run when something waits
   */
  Http2Intake(Turns turns, IntSupplier room, BooleanSupplier isShort, Runnable whenWaiting) {
    this.turns = turns;
    this.room = room;
    this.isShort = isShort;
    this.whenWaiting = whenWaiting;
  }

  /** Bytes that have come and are not yet part of anything whole. */
  int unfinishedBytes() {
    return blockBytes + payloadSeen;
  }

  /** Bytes that have come and are not looked at. */
  int waitingBytes() {
    return waitingBytes;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      waiting.add(bytes);
      waitingBytes += bytes.readableBytes();
      if (waitingBytes > (isShort.getAsBoolean() ? MAX_WHILE_SHORT_BYTES : MAX_WAITING_BYTES)) {
        // Once a client has gone, epoll and io_uring read all that it left behind, paused or not.
        drop();
        ctx.close();
      } else if (!awaitsTurn) {
        handOn(ctx);
      }
    } else {
      ctx.fireChannelRead(message);
    }
  }

  /** To be called when there may be room again. */
  void goOn() {
    if (!awaitsTurn && !waiting.isEmpty() && room.getAsInt() > 0) {
      awaitsTurn = true;
      turns.await(this::turn);
    }
  }

  private void turn() {
    awaitsTurn = false;
    var ctx = context;
    if (ctx != null && !ctx.isRemoved() && ctx.channel().isActive() && !waiting.isEmpty()) {
      handOn(ctx);
      ctx.fireChannelReadComplete();
    }
  }

  private void handOn(ChannelHandlerContext ctx) {
    int most = room.getAsInt();
    int left = most;
    while (left > 0 && !waiting.isEmpty()) {
      var bytes = waiting.element();
      int from = bytes.readerIndex();
      left -= follow(bytes, left);
      int length = bytes.readerIndex() - from;
      waitingBytes -= length;
      if (bytes.isReadable()) {
        ctx.fireChannelRead(bytes.retainedSlice(from, length));
      } else {
        waiting.remove();
        ctx.fireChannelRead(bytes.readerIndex(from));
      }
    }
    turns.begun(most - left);
    if (!waiting.isEmpty()) {
      whenWaiting.run();
      goOn();
    }
  }

  /**
   * Netty's codec asks for more after each read, paused or not: windows are to hold a peer back.
   */
  @Override
  public void read(ChannelHandlerContext ctx) {
    if (ctx.channel().config().isAutoRead()) {
      ctx.read();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    drop();
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    drop();
  }

  private void drop() {
    waiting.forEach(ReferenceCountUtil::release);
    waiting.clear();
    waitingBytes = 0;
  }

  /**
   * Reads as far as to the end of the last frame that may be handed on.
   *
   * @return how many of its frames make an answer, or take as long
   */
  private int follow(ByteBuf bytes, int most) {
    int preface = Math.min(prefaceLeft, bytes.readableBytes());
    prefaceLeft -= preface;
    bytes.skipBytes(preface);
    int answered = 0;
    while (bytes.isReadable() && answered < most) {
      if (headerSeen < header.length) {
        header[headerSeen++] = bytes.readByte();
      } else {
        int more = Math.min(length() - payloadSeen, bytes.readableBytes());
        payloadSeen += more;
        bytes.skipBytes(more);
      }
      if (headerSeen == header.length && payloadSeen == length()) {
        answered += cost();
        frameEnded();
      }
    }
    return answered;
  }

  private int length() {
    return (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | header[2] & 0xff;
  }

  private int cost() {
    if (isAnswered()) {
      return 1;
    }
    others = (others + 1) % LIKE_AN_ANSWER;
    return others == 0 ? 1 : 0;
  }

  private boolean isAnswered() {
    int type = header[3];
    return type == Http2FrameTypes.HEADERS
        || type == Http2FrameTypes.PING
        || type == Http2FrameTypes.SETTINGS;
  }

  private void frameEnded() {
    int type = header[3];
    if (type == Http2FrameTypes.HEADERS || type == Http2FrameTypes.CONTINUATION) {
      blockBytes = (header[4] & END_HEADERS) != 0 ? 0 : blockBytes + payloadSeen;
    }
    headerSeen = 0;
    payloadSeen = 0;
  }
}
