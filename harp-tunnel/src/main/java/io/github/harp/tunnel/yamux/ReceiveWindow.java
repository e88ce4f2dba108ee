// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;

/**
 * The credit that one stream's peer holds, and when to give more.
 *
 * <p>The window starts at the protocol's 256 KiB and doubles, up to 6 MiB, each time half of it was
 * used and the reader has meanwhile fetched everything that was there: then the line is what
 * limits. A reader that never had nothing left to fetch is what limits itself; when it stays
 * behind, the window shrinks again. While memory is short every window shrinks, to less than it
 * began with if need be; but a reader that has fetched everything always gets some.
 *
 * <p>The first 256 KiB are the protocol's gift, and can't be paid for by all streams at a time.
 * What of them memory does not allow is {@linkplain #begin taken back} before the peer uses it.
 */
final class ReceiveWindow {

  /** The credit of both directions of a new stream, whatever is configured. */
  static final int INITIAL_BYTES = 256 * 1024;

  /** How far a window may grow, as in frp. */
  private static final int MOST_BYTES = 6 << 20;

  /** What is left to a stream while memory is short: one piece of frpc's. */
  private static final int LEAST_BYTES = 16 * 1024;

  /** How many times in a row a reader may be behind before its window shrinks. */
  private static final int PATIENCE = 2;

  /** In which time a stream that the line limits uses half of its window. */
  private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final SessionCredit session;
  private final Ticker ticker;
  private int freeBytes = INITIAL_BYTES;
  private int windowBytes = INITIAL_BYTES;
  private int creditBytes = INITIAL_BYTES;
  private int heldBytes;
  private int unreadBytes;
  private int reservedBytes;
  private boolean caughtUp = true;
  private int timesBehind;
  private long grantedAtNanos;

  ReceiveWindow(SessionCredit session, Ticker ticker) {
    this.session = session;
    this.ticker = ticker;
    this.grantedAtNanos = ticker.nanoTime();
    session.commit(INITIAL_BYTES);
  }

  /**
   * The peer is about to be told to send, and says nothing until then. Returns the credit that it
   * loses now, mostly 0.
   */
  int begin() {
    freeBytes = LEAST_BYTES;
    grantedAtNanos = ticker.nanoTime();
    windowBytes = session.firstWindow(LEAST_BYTES, INITIAL_BYTES);
    int lost = Math.max(0, -missingBytes());
    creditBytes -= lost;
    session.release(lost);
    reserve();
    return lost;
  }

  /** Counts a frame of the peer; false if it is larger than the peer's credit. */
  boolean accept(long frameBytes) {
    if (frameBytes > creditBytes) {
      return false;
    }
    creditBytes -= (int) frameBytes;
    heldBytes += (int) frameBytes;
    return true;
  }

  /** Bytes have arrived that nobody reads yet. */
  void kept(int bytes) {
    unreadBytes += bytes;
    reserve();
  }

  /** Some of them are being read, or dropped. */
  void released(int bytes) {
    unreadBytes -= bytes;
    reserve();
  }

  /** The reader has taken bytes; returns the credit to give to the peer now, mostly 0. */
  int consumed(int bytes) {
    heldBytes -= bytes;
    session.release(bytes);
    caughtUp |= unreadBytes == 0;
    int grant = 0;
    if (missingBytes() >= windowBytes / 2) {
      adapt();
      grant = Math.max(0, missingBytes());
      creditBytes += grant;
      session.commit(grant);
    }
    reserve();
    return grant;
  }

  private int missingBytes() {
    return windowBytes - heldBytes - creditBytes;
  }

  private void adapt() {
    timesBehind = caughtUp ? 0 : timesBehind + 1;
    if (session.isShort()) {
      windowBytes = Math.max(LEAST_BYTES, windowBytes / 2);
    } else if (timesBehind >= PATIENCE && windowBytes > INITIAL_BYTES) {
      windowBytes = Math.max(INITIAL_BYTES, windowBytes / 2);
    } else if (caughtUp && windowBytes < MOST_BYTES && isQuick() && mayGrow()) {
      windowBytes = Math.min(MOST_BYTES, windowBytes * 2);
    }
    caughtUp = unreadBytes == 0;
    grantedAtNanos = ticker.nanoTime();
  }

  /** Whether more credit would be of any use: what comes now and then comes as well with less. */
  private boolean isQuick() {
    return ticker.nanoTime() - grantedAtNanos < SLOW_NANOS;
  }

  private boolean mayGrow() {
    return windowBytes < INITIAL_BYTES
        ? session.hasRoomToRecover(windowBytes)
        : session.hasRoomToGrow(windowBytes);
  }

  /** Of what the peer may send the least that it always may counts only when it lies here. */
  private void reserve() {
    int mayLieHere = Math.max(windowBytes, heldBytes + creditBytes) - freeBytes;
    int wanted = Math.max(unreadBytes, mayLieHere);
    if (wanted != reservedBytes) {
      session.reserve(wanted - reservedBytes);
      reservedBytes = wanted;
    }
  }

  /** The stream is gone: nothing of it counts any more. */
  void close() {
    session.release((long) creditBytes + heldBytes);
    session.reserve(-reservedBytes);
    creditBytes = 0;
    heldBytes = 0;
    reservedBytes = 0;
  }
}
