// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The outgoing side of a session: streams with something to send take turns, one small frame each.
 *
 * <p>What is written to the connection can no longer be overtaken. So frames are small, the
 * connection is given little at a time, and a small answer waits for a few frames of bulk streams,
 * however many there are: a stream that had nothing to send since everybody's last turn goes ahead
 * of those that had, once and with little, as a new flow does in <a
 * href="https://www.rfc-editor.org/rfc/rfc8290#section-4.2">FQ-CoDel</a>. Frames of the session
 * itself (credit, pings, acknowledgements) go first. Writes are flushed once per batch.
 */
final class FrameWriter {

  /** One TLS record: header and payload of a frame leave in one piece. */
  static final int MAX_PAYLOAD_BYTES = 16 * 1024 - FrameHeader.BYTES;

  /**
   * What goes ahead of streams that wait is no more than a request's head or a short message:
   * otherwise a thousand uploads which begin at once would hold everybody for a whole round.
   */
  static final int MAX_AHEAD_BYTES = 4 * 1024 - FrameHeader.BYTES;

  private static final int BATCH_BYTES = 64 * 1024;

  /** After so many the connection is read, and others on the event loop have their turn. */
  private static final int MAX_BATCHES = 4;

  private static final int MAX_UNREAD_CONTROL_BYTES = 64 * 1024;

  /** When a stream is to send: in each round once, or whenever it has something. */
  static final class Turn {

    private int lastRound = -1;
    private boolean first;

    void goFirst() {
      first = true;
    }
  }

  private final ChannelHandlerContext ctx;
  private final ArrayDeque<YamuxStreamChannel> beginners = new ArrayDeque<>();
  private final ArrayDeque<YamuxStreamChannel> waiting = new ArrayDeque<>();
  private final Runnable drainTask = this::drainScheduled;
  private @Nullable YamuxStreamChannel turn;
  private boolean ahead;
  private int round;
  private int leftInRound;
  private int unflushedBytes;
  private int unreadControlBytes;
  private boolean readingBatch;
  private boolean draining;
  private boolean drainIsScheduled;

  FrameWriter(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  /** Writes a frame without payload, ahead of the streams' data. */
  void control(int type, int flags, int streamId, int length) {
    ByteBuf header = ctx.alloc().buffer(FrameHeader.BYTES);
    FrameHeader.write(header, type, flags, streamId, length);
    unreadControlBytes = ctx.channel().isWritable() ? 0 : unreadControlBytes + FrameHeader.BYTES;
    write(header);
  }

  /** Whether a peer keeps asking for answers that it does not read. */
  boolean controlBacklogIsFull() {
    return unreadControlBytes > MAX_UNREAD_CONTROL_BYTES;
  }

  void write(ByteBuf bytes) {
    unflushedBytes += bytes.readableBytes();
    ctx.write(bytes, ctx.voidPromise());
    drainSoon();
  }

  /** Whether the stream may write a frame now: it is its turn, or nobody else waits. */
  boolean mayWrite(YamuxStreamChannel stream) {
    return (turn == stream || (turn == null && !othersWait())) && hasRoom();
  }

  boolean othersWait() {
    return !waiting.isEmpty() || !beginners.isEmpty();
  }

  /** How long the frame may be that the stream writes now. */
  int maxPayloadBytes() {
    return ahead ? MAX_AHEAD_BYTES : MAX_PAYLOAD_BYTES;
  }

  /** A stream sends a frame: the next of this round is not its turn any more. */
  void sends(Turn ofStream) {
    ofStream.lastRound = round;
  }

  /** The stream has more to send than it could. */
  void awaitTurn(YamuxStreamChannel stream) {
    if (stream.turn().first) {
      beginners.addFirst(stream);
    } else {
      (stream.turn().lastRound == round ? waiting : beginners).add(stream);
    }
    drainSoon();
  }

  /** While frames are being read, everything that is written is flushed at the end of the batch. */
  void beginReadBatch() {
    readingBatch = true;
  }

  void endReadBatch() {
    readingBatch = false;
    drain();
  }

  /** Lets waiting streams write as long as the connection takes it, and goes on soon. */
  void drain() {
    if (draining) {
      return;
    }
    draining = true;
    try {
      int batches = 0;
      do {
        giveTurns();
        if (unflushedBytes > 0) {
          unflushedBytes = 0;
          ctx.flush();
        }
      } while (canGoOn() && ++batches < MAX_BATCHES);
    } finally {
      draining = false;
    }
    if (canGoOn() && !drainIsScheduled) {
      drainIsScheduled = true;
      // Tasks that are due go before sockets; what is scheduled waits until they have been seen.
      ctx.executor().schedule(drainTask, 1, TimeUnit.NANOSECONDS);
    }
  }

  private boolean canGoOn() {
    return othersWait() && ctx.channel().isWritable();
  }

  private void giveTurns() {
    while (hasRoom()) {
      YamuxStreamChannel next = nextInTurn();
      if (next == null) {
        return;
      }
      turn = next;
      try {
        next.takeTurn();
      } finally {
        turn = null;
        ahead = false;
      }
    }
  }

  private @Nullable YamuxStreamChannel nextInTurn() {
    YamuxStreamChannel beginner = beginners.poll();
    if (beginner != null) {
      ahead = othersWait();
      return beginner;
    }
    YamuxStreamChannel next = waiting.poll();
    if (--leftInRound <= 0) {
      round++;
      leftInRound = waiting.size();
    }
    return next;
  }

  private boolean hasRoom() {
    return unflushedBytes < BATCH_BYTES && ctx.channel().isWritable();
  }

  private void drainSoon() {
    if (!readingBatch && !draining && !drainIsScheduled) {
      drainIsScheduled = true;
      ctx.executor().execute(drainTask);
    }
  }

  private void drainScheduled() {
    drainIsScheduled = false;
    drain();
  }
}
