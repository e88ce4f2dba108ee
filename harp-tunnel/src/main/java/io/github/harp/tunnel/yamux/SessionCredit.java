// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.github.harp.tunnel.stream.HeldBytes;

/**
 * What one session may cost: the sum of the credit its peer holds and the bytes kept for slow
 * readers, and what of that it takes from the limit of all sessions.
 *
 * <p>Every stream starts with 256 KiB of credit, which the protocol fixes; half of the budget is
 * kept for these floors, so that windows which grow never take the place of new streams.
 */
final class SessionCredit {

  private final long budgetBytes;
  private final HeldBytes all;
  private long committedBytes;
  private long reservedBytes;

  SessionCredit(long budgetBytes, HeldBytes all) {
    this.budgetBytes = budgetBytes;
    this.all = all;
  }

  boolean hasRoomForAStream() {
    return committedBytes + ReceiveWindow.INITIAL_BYTES <= budgetBytes;
  }

  boolean hasRoomToGrow(int bytes) {
    return committedBytes + bytes <= budgetBytes / 2 && all.hasRoomToGrow(bytes);
  }

  /** The same for a window of less than the protocol gives to all. */
  boolean hasRoomToRecover(int bytes) {
    return all.hasRoomToBegin(bytes);
  }

  /** The same for a window of less than one piece. */
  boolean hasRoomForAPiece(int windowBytes) {
    return windowBytes < HeldBytes.PIECE_BYTES && all.hasRoomToGrow(windowBytes);
  }

  /** A stream begins to receive; it ends when negative. */
  void countSenders(int more) {
    all.countSenders(more);
  }

  /** What every stream may always use. */
  int leastWindow() {
    return all.least();
  }

  /** How much of what the protocol gives to a stream it may use. */
  int firstWindow(int most) {
    return all.share(most);
  }

  boolean isShort() {
    return all.isShort();
  }

  /** Whether this session must not be read for the moment. */
  boolean mustWait() {
    return all.mustWait(reservedBytes);
  }

  void commit(long bytes) {
    committedBytes += bytes;
  }

  void release(long bytes) {
    committedBytes -= bytes;
  }

  /** Takes a part of the limit of all sessions, or gives it back when negative. */
  void reserve(int bytes) {
    reservedBytes += bytes;
    all.reserve(bytes);
  }
}
