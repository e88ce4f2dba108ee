// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

/**
 * The credit that one stream's peer holds, and when to give more.
 *
 * <p>The window starts at the protocol's 256 KiB and doubles, up to the configured maximum, each
 * time a reader that keeps up has used half of it; it shrinks again when the reader lags. Idle and
 * slow streams are cheap this way, and a bulk stream is at full speed after a few round trips.
 */
final class ReceiveWindow {

  /** The credit of both directions of a new stream, whatever is configured. */
  static final int INITIAL_BYTES = 256 * 1024;

  private final int maxBytes;
  private final SessionCredit session;
  private int windowBytes = INITIAL_BYTES;
  private int creditBytes = INITIAL_BYTES;
  private int heldBytes;

  ReceiveWindow(int maxBytes, SessionCredit session) {
    this.maxBytes = Math.max(maxBytes, INITIAL_BYTES);
    this.session = session;
    session.commit(INITIAL_BYTES);
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

  /** The reader has taken bytes; returns the credit to give to the peer now, mostly 0. */
  int consumed(int bytes) {
    heldBytes -= bytes;
    session.release(bytes);
    int grant = windowBytes - heldBytes - creditBytes;
    if (grant < windowBytes / 2) {
      return 0;
    }
    adapt();
    grant = windowBytes - heldBytes - creditBytes;
    if (grant <= 0) {
      return 0;
    }
    creditBytes += grant;
    session.commit(grant);
    return grant;
  }

  private void adapt() {
    if (heldBytes > windowBytes / 4) {
      windowBytes = Math.max(INITIAL_BYTES, windowBytes / 2);
    } else if (windowBytes < maxBytes && session.hasRoomToGrow(windowBytes)) {
      windowBytes = Math.min(maxBytes, windowBytes * 2);
    }
  }

  /** The stream is gone: nothing of it counts any more. */
  void close() {
    session.release((long) creditBytes + heldBytes);
    creditBytes = 0;
    heldBytes = 0;
  }
}
