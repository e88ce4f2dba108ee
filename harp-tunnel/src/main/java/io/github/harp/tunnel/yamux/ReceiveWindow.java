// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.github.harp.tunnel.stream.HeldBytes;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;

/**
 * The credit that one stream's peer holds, and when to give more.
 *
 * <p>The window starts at the protocol's 256 KiB and doubles, up to 6 MiB, each time a good part of
 * it was used and the reader has meanwhile fetched everything that was there: then the line is what
 * limits. On a long line a window's worth comes at once and has to wait its turn; so only a reader
 * that has had something left to fetch all along for a while is what limits itself, and its window
 * shrinks again. While memory is short every window shrinks, to less than it began with if need be;
 * but a reader that has fetched everything always gets some. How little that is in a crowd decides
 * how long others wait: the peer has so much of each stream before theirs. So a window of up to a
 * piece grows only when half of it was used so quickly that the peer can't have made it wait for
 * others, and shrinks when that took long.
 *
 * <p>The first 256 KiB are the protocol's gift, and can't be paid for by all streams at a time.
 * What of them memory does not allow is {@linkplain #begin taken back} before the peer uses it.
 */
final class ReceiveWindow {

  /** The credit of both directions of a new stream, whatever is configured. */
  static final int INITIAL_BYTES = 256 * 1024;

  /** How far a window may grow, as in frp. */
  private static final int MOST_BYTES = 6 << 20;

  /** How long a reader may have something left to fetch before its window shrinks. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * A large window is made good earlier than when half of it is used, so that more of it is under
   * way while news of that travels.
   */
  private static final int PARTS_OF_LARGE = 4;

  private static final int LARGE_BYTES = 2 * INITIAL_BYTES;

  /** In which time a stream that the line limits uses half of its window. */
  private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** The same for one that hardly waits for other streams at the peer, and for one that does. */
  private static final long AT_ONCE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long QUEUED_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final SessionCredit session;
  private final Ticker ticker;
  private int freeBytes = INITIAL_BYTES;
  private int windowBytes = INITIAL_BYTES;
  private int creditBytes = INITIAL_BYTES;
  private int heldBytes;
  private int unreadBytes;
  private int reservedBytes;
  private int usedBytes;
  private boolean begun;
  private boolean caughtUp = true;
  private long behindSinceNanos;
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
    if (!begun) {
      begun = true;
      session.countSenders(1);
    }
    freeBytes = session.leastWindow();
    grantedAtNanos = ticker.nanoTime();
    windowBytes = session.firstWindow(INITIAL_BYTES);
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
    if (unreadBytes == 0) {
      behindSinceNanos = ticker.nanoTime();
    }
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
    usedBytes = Math.min(usedBytes + bytes, MOST_BYTES);
    session.release(bytes);
    caughtUp |= unreadBytes == 0;
    int grant = 0;
    if (missingBytes() >= worthANote()) {
      adapt();
      grant = Math.max(0, missingBytes());
      creditBytes += grant;
      session.commit(grant);
    }
    reserve();
    return grant;
  }

  private int worthANote() {
    return windowBytes > LARGE_BYTES ? windowBytes / PARTS_OF_LARGE : windowBytes / 2;
  }

  private int missingBytes() {
    return windowBytes - heldBytes - creditBytes;
  }

  private void adapt() {
    long now = ticker.nanoTime();
    boolean isBehind = unreadBytes > 0 && now - behindSinceNanos >= PATIENCE_NANOS;
    if (session.isShort()) {
      windowBytes = Math.max(session.leastWindow(), windowBytes / 2);
    } else if (isBehind && windowBytes > INITIAL_BYTES) {
      windowBytes = Math.max(INITIAL_BYTES, windowBytes / 2);
      behindSinceNanos = now;
    } else if (isMoreThanACrowdGets() && !usedWithin(QUEUED_NANOS)) {
      windowBytes = Math.max(session.leastWindow(), windowBytes / 2);
    } else if (caughtUp && windowBytes < MOST_BYTES && isQuick() && mayGrow()) {
      windowBytes = Math.min(MOST_BYTES, windowBytes * 2);
      usedBytes = 0;
    }
    caughtUp = unreadBytes == 0;
    grantedAtNanos = now;
  }

  private boolean isMoreThanACrowdGets() {
    return windowBytes <= HeldBytes.PIECE_BYTES && windowBytes > session.leastWindow();
  }

  /** Whether more credit would be of any use: what comes now and then comes as well with less. */
  private boolean isQuick() {
    return usedWithin(SLOW_NANOS);
  }

  private boolean usedWithin(long nanos) {
    return ticker.nanoTime() - grantedAtNanos < nanos;
  }

  /** Half of a window has been used since it is so large, and there is room for more. */
  private boolean mayGrow() {
    if (usedBytes < windowBytes / 2) {
      return false;
    }
    if (windowBytes >= INITIAL_BYTES) {
      return session.hasRoomToGrow(windowBytes);
    }
    return session.hasRoomToRecover(windowBytes)
        || (session.hasRoomForAPiece(windowBytes) && usedWithin(AT_ONCE_NANOS));
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
    if (begun) {
      begun = false;
      session.countSenders(-1);
    }
    session.release((long) creditBytes + heldBytes);
    session.reserve(-reservedBytes);
    creditBytes = 0;
    heldBytes = 0;
    reservedBytes = 0;
  }
}
