// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.websocket;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.stream.FloodGuard;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.CoalescingBufferQueue;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.security.SecureRandom;

/**
 * Makes a pipe of bytes of a WebSocket. Where frames begin means nothing, and what they hold is
 * handed on as it comes: nothing of them is kept, however long they say that they are. Of what one
 * read brings, short ones are handed on together, since each piece costs whoever takes it far more
 * than its byte or two. Text is not looked at, since frpc up to 0.69 calls its bytes that; what is
 * sent is binary, a frame for each flush.
 */
public final class WebSocketBytes extends ChannelDuplexHandler {

  /**
   * Frames without data. Nobody in frp sends one but at the end, and proxies in front hardly do.
   */
  private static final int EMPTY_BURST = 100;

  private static final int EMPTY_PER_SECOND = 10;

  /** As many as a read of some frames brings. */
  private static final int UNSENT_PARTS = 8;

  /** From here on it is cheaper to hand a frame's bytes on where they lie. */
  private static final int SHORT_BYTES = 1_024;

  private static final int GOING_AWAY = 1001;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final boolean isClient;
  private final CoalescingBufferQueue unsent;
  private final FloodGuard emptyFrames;
  private final FrameHead head;
  private final ByteBuf control =
      Unpooled.buffer(FrameHead.MOST_CONTROL_BYTES, FrameHead.MOST_CONTROL_BYTES);
  private boolean inPayload;
  private boolean inMessage;
  private boolean ended;
  private long missingBytes;
  private int mask;

  /** Where in the buffer that is being read the payload lies that is not handed on yet. */
  private int joinedFrom;

  private int joinedTo;

  private WebSocketBytes(Channel channel, boolean isClient) {
    this.isClient = isClient;
    this.unsent = new CoalescingBufferQueue(channel, UNSENT_PARTS, true);
    this.emptyFrames =
        new FloodGuard(EMPTY_BURST, EMPTY_PER_SECOND, channel.eventLoop().ticker().nanoTime());
    this.head = new FrameHead(!isClient);
  }

  /** What a client says is masked. */
  static WebSocketBytes ofClient(Channel channel) {
    return new WebSocketBytes(channel, true);
  }

  /** For a connection on which the client's request has been answered. */
  public static WebSocketBytes ofServer(Channel channel) {
    return new WebSocketBytes(channel, false);
  }

  // ---- what comes

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    var in = (ByteBuf) msg;
    joinedFrom = in.readerIndex();
    joinedTo = joinedFrom;
    try {
      while (!ended && (inPayload || in.isReadable())) {
        if (!inPayload && !begin(ctx, in) || inPayload && !payload(ctx, in)) {
          break;
        }
      }
      handOn(ctx, in);
    } catch (TunnelException violation) {
      handOn(ctx, in);
      ended = true;
      ctx.fireExceptionCaught(violation);
      ctx.close();
    } finally {
      in.release();
    }
  }

  /** False while the head is not whole. */
  private boolean begin(ChannelHandlerContext ctx, ByteBuf in) throws TunnelException {
    if (!head.takeFrom(in)) {
      return false;
    }
    boolean isEmpty = !head.isData() || head.payloadBytes() == 0;
    if (isEmpty && !emptyFrames.allow(ctx.channel().eventLoop().ticker().nanoTime())) {
      throw new TunnelException(
          Code.PROTOCOL_VIOLATION, "a flood of WebSocket frames without data");
    }
    if (head.payloadBytes() < 0) {
      throw new TunnelException(Code.PROTOCOL_VIOLATION, "a WebSocket frame of negative length");
    }
    if (head.isData()) {
      if (inMessage != (head.opcode() == FrameHead.CONTINUATION)) {
        throw new TunnelException(
            Code.PROTOCOL_VIOLATION, "a WebSocket message that begins within another, or nowhere");
      }
      inMessage = !head.isLast();
    }
    control.clear();
    mask = head.mask();
    missingBytes = head.payloadBytes();
    inPayload = true;
    return true;
  }

  /** False while it is not whole. */
  private boolean payload(ChannelHandlerContext ctx, ByteBuf in) {
    int length = (int) Math.min(missingBytes, in.readableBytes());
    if (!isClient) {
      mask = Mask.apply(mask, in, in.readerIndex(), length);
    }
    missingBytes -= length;
    inPayload = missingBytes > 0;
    if (!head.isData()) {
      control.writeBytes(in, length);
    } else {
      join(ctx, in, length);
      in.skipBytes(length);
    }
    if (!inPayload && !head.isData()) {
      obey(ctx, in);
    }
    return !inPayload;
  }

  /** Moves what is short behind what is not handed on yet; what was there has been read. */
  private void join(ChannelHandlerContext ctx, ByteBuf in, int length) {
    int from = in.readerIndex();
    if (length < SHORT_BYTES && joinedTo > joinedFrom) {
      for (int i = 0; i < length; i++) {
        in.setByte(joinedTo + i, in.getByte(from + i));
      }
    } else {
      handOn(ctx, in);
      joinedFrom = from;
      joinedTo = from;
    }
    joinedTo += length;
  }

  private void handOn(ChannelHandlerContext ctx, ByteBuf in) {
    if (joinedTo > joinedFrom && !ended) {
      var bytes = in.retainedSlice(joinedFrom, joinedTo - joinedFrom);
      joinedFrom = joinedTo;
      ctx.fireChannelRead(bytes);
    }
  }

  private void obey(ChannelHandlerContext ctx, ByteBuf in) {
    if (head.opcode() == FrameHead.PING && ctx.channel().isWritable()) {
      ctx.writeAndFlush(frame(ctx, FrameHead.PONG, control), ctx.voidPromise());
    } else if (head.opcode() == FrameHead.CLOSE) {
      handOn(ctx, in);
      end(ctx);
    }
  }

  /** Like the end of a TCP connection's bytes. */
  private void end(ChannelHandlerContext ctx) {
    ended = true;
    if (Boolean.TRUE.equals(ctx.channel().config().getOption(ChannelOption.ALLOW_HALF_CLOSURE))) {
      ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    } else {
      close(ctx, ctx.newPromise());
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (!ended || event != ChannelInputShutdownEvent.INSTANCE) {
      ctx.fireUserEventTriggered(event);
    }
  }

  // ---- what goes

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    unsent.add((ByteBuf) msg, promise);
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    int length = unsent.readableBytes();
    if (length > 0 && isClient) {
      var promise = ctx.newPromise();
      var bytes = unsent.remove(length, promise);
      ctx.write(frame(ctx, FrameHead.BINARY, bytes), promise);
      bytes.release();
    } else if (length > 0) {
      var begin = ctx.alloc().buffer(FrameHead.MOST_BYTES);
      FrameHead.write(begin, FrameHead.BINARY, length, false);
      ctx.write(begin, ctx.voidPromise());
      unsent.writeAndRemoveAll(ctx);
    }
    ctx.flush();
  }

  private ByteBuf frame(ChannelHandlerContext ctx, int opcode, ByteBuf payload) {
    int length = payload.readableBytes();
    var frame = ctx.alloc().buffer(FrameHead.MOST_BYTES + length);
    FrameHead.write(frame, opcode, length, isClient);
    int key = isClient ? RANDOM.nextInt() : 0;
    if (isClient) {
      frame.writeInt(key);
    }
    int from = frame.writerIndex();
    frame.writeBytes(payload);
    Mask.apply(key, frame, from, length);
    return frame;
  }

  /** What has come and was not handed on is of no use to whoever has closed. */
  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    ended = true;
    if (ctx.channel().isActive() && ctx.channel().isWritable()) {
      control.clear().writeShort(GOING_AWAY);
      ctx.writeAndFlush(frame(ctx, FrameHead.CLOSE, control), ctx.voidPromise());
    }
    ctx.close(promise);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    unsent.releaseAndFailAll(
        ctx, new TunnelException(Code.CLOSED, "the connection was closed before this was sent"));
  }
}
