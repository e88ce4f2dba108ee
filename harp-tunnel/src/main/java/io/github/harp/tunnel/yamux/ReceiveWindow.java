// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.github.harp.tunnel.stream.HeldBytes;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;

/**
 * The credit that one stream's peer holds, and when to give more.
 *
 * <p>The window starts at the protocol's 256 KiB and doubles, up to 6 MiB, as long as the reader
 * fetches everything that is there and {@linkplain Trials more comes of it}: then the window is
 * what limits. Once the line does, more credit only waits in front of it, others behind it, and
 * some of it is dropped there. On a long line a window's worth comes at once and has to wait its
 * turn; so only a reader that has had something left to fetch all along for a while is what limits
 * itself, and its window shrinks again. While memory is short every window shrinks, to less than it
 * began with if need be; but a reader that has fetched everything always gets some. How little that
 * is in a crowd decides how long others wait: the peer has so much of each stream before theirs. So
 * a window of up to a piece grows only when half of it was used so quickly that the peer can't have
 * made it wait for others, and shrinks when that took long.
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

  /** On a long line little by little: what is given at once comes at once, and waits there. */
  private static final int PARTS_OF_FAR = 16;

  private static final int LEAST_NOTE_BYTES = INITIAL_BYTES / 4;

  /** In which time half of a window is used by a stream that would use more of it. */
  private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** The same for one that hardly waits for other streams at the peer, and for one that does. */
  private static final long AT_ONCE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long QUEUED_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final SessionCredit session;
  private final Ticker ticker;
  private final Trials trials;
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
    this.trials = new Trials();
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
    if (windowBytes >= INITIAL_BYTES) {
      trials.arrived((int) frameBytes);
    }
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
    if (unreadBytes == 0) {
      caughtUp = true;
      trials.caughtUp = true;
    }
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
    if (trials.isFar && windowBytes > INITIAL_BYTES) {
      return Math.max(LEAST_NOTE_BYTES, windowBytes / PARTS_OF_FAR);
    }
    return windowBytes > LARGE_BYTES ? windowBytes / PARTS_OF_LARGE : windowBytes / 2;
  }

  private int missingBytes() {
    return windowBytes - heldBytes - creditBytes;
  }

  private void adapt() {
    long now = ticker.nanoTime();
    boolean isBehind = unreadBytes > 0 && now - behindSinceNanos >= PATIENCE_NANOS;
    if (session.isShort()) {
      shrinkTo(session.leastWindow());
    } else if (isBehind && windowBytes > INITIAL_BYTES) {
      shrinkTo(INITIAL_BYTES);
      behindSinceNanos = now;
    } else if (isMoreThanACrowdGets() && !usedWithin(QUEUED_NANOS)) {
      shrinkTo(session.leastWindow());
    } else if (caughtUp && windowBytes < INITIAL_BYTES && usedWithin(SLOW_NANOS) && mayRecover()) {
      windowBytes *= 2;
      usedBytes = 0;
    }
    caughtUp = unreadBytes == 0;
    grantedAtNanos = now;
  }

  private void shrinkTo(int least) {
    windowBytes = Math.max(least, windowBytes / 2);
    trials.begin();
  }

  private boolean isMoreThanACrowdGets() {
    return windowBytes <= HeldBytes.PIECE_BYTES && windowBytes > session.leastWindow();
  }

  private boolean usedWithin(long nanos) {
    return ticker.nanoTime() - grantedAtNanos < nanos;
  }

  /** Half of a small window has been used since it is so large, and there is room for more. */
  private boolean mayRecover() {
    return usedBytes >= windowBytes / 2
        && (session.hasRoomToRecover(windowBytes)
            || (session.hasRoomForAPiece(windowBytes) && usedWithin(AT_ONCE_NANOS)));
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

  /**
   * How large a window the line needs. A round is a window's worth: it takes a round trip at least,
   * and no longer as long as nothing waits in front of the line. While a window that is twice as
   * large brings nearly twice as much, it doubles. Then it follows what has come at most in the
   * time of the shortest round, and a little more, so that a sender which is slow to trust the line
   * finds credit. Where others' traffic waits in front of the line, too, a larger window brings
   * more: a part of what waits is a part of the line. A little more is tried again, ever more
   * seldom, since the way may have become longer, or a round have seemed shorter than it was.
   */
  private final class Trials {

    /** A round that is shorter makes nobody wait, and says little. */
    private static final long NEAR_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final int FEWEST_ROUNDS_OF_REST = 4;
    private static final int MOST_ROUNDS_OF_REST = 64;

    /** The part of a growth that has to be seen in the rate. */
    private static final double WORTH = 0.75;

    private static final double A_LITTLE = 0.125;

    private boolean isFar;
    private boolean isFirst;
    private boolean doubling;
    private boolean caughtUp;
    private int settlingBytes;
    private int grownFrom;
    private double rateBefore;
    private long shortestRound;
    private int restRounds;
    private int nextRest;
    private int leftBytes;
    private long sinceNanos;

    Trials() {
      begin();
    }

    /** Nothing is known of the line, and what is under way says nothing: it comes at once. */
    void begin() {
      isFirst = true;
      doubling = true;
      settlingBytes = 0;
      grownFrom = 0;
      rateBefore = 0;
      shortestRound = Long.MAX_VALUE;
      nextRest = FEWEST_ROUNDS_OF_REST;
      leftBytes = windowBytes / 2;
      sinceNanos = ticker.nanoTime();
    }

    void arrived(int bytes) {
      leftBytes -= bytes;
      if (leftBytes > 0) {
        return;
      }
      long now = ticker.nanoTime();
      if (settlingBytes > 0) {
        settlingBytes = 0;
      } else {
        roundEnded(Math.max(1, now - sinceNanos));
      }
      sinceNanos = now;
      leftBytes += settlingBytes > 0 ? settlingBytes : windowBytes;
    }

    private void roundEnded(long nanos) {
      double rate = (double) windowBytes / nanos;
      boolean isQuick = nanos < (isFirst ? SLOW_NANOS : 2 * SLOW_NANOS);
      isFar = nanos >= NEAR_NANOS;
      if (isFirst) {
        isFirst = false;
        rate = 0;
      } else {
        shortestRound = Math.min(shortestRound, nanos);
      }
      if (caughtUp && isQuick) {
        judge(nanos, rate);
      }
      caughtUp = false;
    }

    private void judge(long nanos, double rate) {
      int needed = (int) (rate * shortestRound * (1 + A_LITTLE));
      if (doubling && (!isFar || rate >= rateBefore * (1 + WORTH))) {
        tryMore(windowBytes, rate);
      } else if (doubling) {
        doubling = false;
        fallBackTo(needed);
      } else if (grownFrom == 0 && --restRounds <= 0) {
        tryMore((int) (windowBytes * A_LITTLE), rate);
      } else if (grownFrom == 0) {
        growBy(needed - windowBytes);
      } else if (rate >= rateBefore * (1 + WORTH * A_LITTLE)) {
        shortestRound = nanos;
        nextRest = FEWEST_ROUNDS_OF_REST;
        fallBackTo(windowBytes);
      } else {
        fallBackTo(needed);
      }
    }

    private void tryMore(int bytes, double rate) {
      int before = windowBytes;
      growBy(bytes);
      if (windowBytes > before) {
        grownFrom = before;
        rateBefore = rate;
        settlingBytes = before;
      } else {
        rateBefore = 0;
      }
    }

    private void growBy(int bytes) {
      int more = Math.min(bytes, MOST_BYTES - windowBytes);
      if (more > 0 && session.hasRoomToGrow(more)) {
        windowBytes += more;
      }
    }

    /** No less than a window that did limit. */
    private void fallBackTo(int bytes) {
      windowBytes = Math.max(grownFrom, Math.min(windowBytes, bytes));
      grownFrom = 0;
      restRounds = nextRest;
      nextRest = Math.min(MOST_ROUNDS_OF_REST, 2 * nextRest);
    }
  }
}
