// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.github.harp.tunnel.TunnelException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What has come from a peer and is not handled yet. A peer that opens very many streams at once has
 * them opened a part at a time, and the event loop looks at its other channels in between: a stream
 * costs far more than the twelve bytes that open it, and nothing keeps the peer from resetting it
 * at once.
 *
 * <p>Frames of streams that are open overtake what waits: in a crowd of new ones nobody else is
 * held up. When very much waits, nothing more is handled before the next turn.
 */
final class FrameIntake implements FrameDecoder.Sink {

  /** What the work connections for some four hundred users who come at once take. */
  private static final int MOST_WAITING_BYTES = 128 * 1024;

  /** What a frame takes beside its payload, about. */
  private static final int FRAME_BYTES = 100;

  /** A frame of a stream that is not open yet, or as much of it as has come. */
  private static final class Frame {

    private final FrameHeader header;
    private @Nullable ByteBuf payload;
    private boolean isWhole;

    Frame(FrameHeader header) {
      this.header = header;
    }

    /** A copy, so that no more is kept than what it is. */
    void add(ByteBuf bytes) {
      ByteBuf kept = payload == null ? Unpooled.buffer(bytes.readableBytes()) : payload;
      payload = kept.writeBytes(bytes);
      bytes.release();
    }

    int bytes() {
      return FRAME_BYTES + (payload == null ? 0 : payload.readableBytes());
    }
  }

  private final EventLoop loop;
  private final SessionCredit credit;
  private final FrameDecoder decoder;
  private final IncomingFrames frames;
  private final Runnable turn;
  private final ArrayDeque<ByteBuf> unread = new ArrayDeque<>();
  private final ArrayDeque<Frame> waiting = new ArrayDeque<>();
  private final Map<Integer, Integer> waitingOfStream = new HashMap<>();
  private int waitingBytes;
  private @Nullable Frame aside;
  private boolean awaitsTurn;

  /**
   * @param credit what waits takes a part of the limit of all sessions
   * @param turn is to call {@link #takeTurn}
   */
  FrameIntake(EventLoop loop, SessionCredit credit, IncomingFrames frames, Runnable turn) {
    this.loop = loop;
    this.credit = credit;
    this.decoder = new FrameDecoder(this);
    this.frames = frames;
    this.turn = turn;
  }

  /** Whether {@link #takeTurn} is to be called. */
  boolean awaitsTurn() {
    return awaitsTurn;
  }

  /** Whether the connection is not to be read until then. */
  boolean isFull() {
    return !unread.isEmpty();
  }

  /** Handles it, or has it wait for those before. Takes over {@code bytes}. */
  void receive(ByteBuf bytes) throws TunnelException {
    unread.add(bytes);
    handle();
  }

  void takeTurn() throws TunnelException {
    awaitsTurn = false;
    frames.beginTurn();
    while (!waiting.isEmpty() && hasItsTurn(waiting.element().header)) {
      handle(waiting.remove());
    }
    handle();
  }

  private void handle(Frame frame) throws TunnelException {
    count(-frame.bytes());
    waitingOfStream.computeIfPresent(
        frame.header.streamId(), (id, count) -> count == 1 ? null : count - 1);
    if (frame == aside) {
      aside = null;
    }
    frames.onHeader(frame.header);
    if (frame.payload != null) {
      frames.onPayload(frame.header, frame.payload);
    }
    if (frame.isWhole) {
      frames.onFrameEnd(frame.header);
    }
  }

  private void handle() throws TunnelException {
    while (!unread.isEmpty() && hasRoom()) {
      ByteBuf bytes = unread.remove();
      try {
        decoder.decode(bytes);
      } finally {
        if (bytes.isReadable()) {
          unread.addFirst(bytes);
        } else {
          bytes.release();
        }
      }
    }
    if (!awaitsTurn && !(unread.isEmpty() && waiting.isEmpty())) {
      awaitsTurn = true;
      // Tasks that are due go before sockets; what is scheduled waits until they have been seen.
      loop.schedule(turn, 1, TimeUnit.NANOSECONDS);
    }
  }

  /** Nothing more is handled. */
  void drop() {
    unread.forEach(ByteBuf::release);
    unread.clear();
    waiting.clear();
    count(-waitingBytes);
  }

  // ---- frames as they come

  @Override
  public void onHeader(FrameHeader header) throws TunnelException {
    if (mustWait(header)) {
      aside = new Frame(header);
      waiting.add(aside);
      waitingOfStream.merge(header.streamId(), 1, Integer::sum);
      count(FRAME_BYTES);
    } else {
      frames.onHeader(header);
    }
  }

  private void count(int bytes) {
    waitingBytes += bytes;
    credit.reserve(bytes);
  }

  private boolean mustWait(FrameHeader header) {
    return header.isOfStream()
        && (waitingOfStream.containsKey(header.streamId())
            || header.has(FrameHeader.SYN) && !(waiting.isEmpty() && hasItsTurn(header)));
  }

  private boolean hasItsTurn(FrameHeader header) {
    return !header.has(FrameHeader.SYN) || frames.hasRoomInTurn();
  }

  @Override
  public void onPayload(FrameHeader header, ByteBuf bytes) {
    if (aside == null) {
      frames.onPayload(header, bytes);
    } else {
      count(bytes.readableBytes());
      aside.add(bytes);
    }
  }

  @Override
  public void onFrameEnd(FrameHeader header) throws TunnelException {
    if (aside == null) {
      frames.onFrameEnd(header);
    } else {
      aside.isWhole = true;
      aside = null;
    }
  }

  @Override
  public boolean hasRoom() {
    return waitingBytes < MOST_WAITING_BYTES;
  }
}
