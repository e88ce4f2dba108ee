// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.github.harp.tunnel.TunnelException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * What has come from a peer and is not handled yet. A peer that opens very many streams at once has
 * them handled a part at a time, and the event loop looks at its other channels in between: a
 * stream costs far more than the twelve bytes that open it, and nothing keeps the peer from
 * resetting it at once.
 */
final class FrameIntake {

  private final EventLoop loop;
  private final FrameDecoder decoder;
  private final IncomingFrames frames;
  private final Runnable turn;
  private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();
  private boolean awaitsTurn;

  /**
   * @param turn is to call {@link #takeTurn}
   */
  FrameIntake(EventLoop loop, IncomingFrames frames, Runnable turn) {
    this.loop = loop;
    this.decoder = new FrameDecoder(frames);
    this.frames = frames;
    this.turn = turn;
  }

  /** Whether the connection is not to be read meanwhile. */
  boolean awaitsTurn() {
    return awaitsTurn;
  }

  /** Handles it, or has it wait for those before. Takes over {@code bytes}. */
  void receive(ByteBuf bytes) throws TunnelException {
    waiting.add(bytes);
    if (!awaitsTurn) {
      handle();
    }
  }

  void takeTurn() throws TunnelException {
    awaitsTurn = false;
    frames.beginTurn();
    handle();
  }

  private void handle() throws TunnelException {
    while (!waiting.isEmpty() && frames.hasRoomInTurn()) {
      ByteBuf bytes = waiting.remove();
      try {
        decoder.decode(bytes);
      } finally {
        if (bytes.isReadable()) {
          waiting.addFirst(bytes);
        } else {
          bytes.release();
        }
      }
    }
    if (!waiting.isEmpty()) {
      awaitsTurn = true;
      // Tasks that are due go before sockets; what is scheduled waits until they have been seen.
      loop.schedule(turn, 1, TimeUnit.NANOSECONDS);
    }
  }

  /** Nothing more is handled. */
  void drop() {
    waiting.forEach(ByteBuf::release);
    waiting.clear();
  }
}
