// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

/**
 * What one session may cost: the sum of the credit its peer holds and the bytes kept for slow
 * readers.
 *
 * <p>Every stream starts with 256 KiB of credit, which the protocol fixes; half of the budget is
 * kept for these floors, so that windows which grow never take the place of new streams.
 */
final class SessionCredit {

  private final long budgetBytes;
  private long committedBytes;

  SessionCredit(long budgetBytes) {
    this.budgetBytes = budgetBytes;
  }

  boolean hasRoomForAStream() {
    return committedBytes + ReceiveWindow.INITIAL_BYTES <= budgetBytes;
  }

  boolean hasRoomToGrow(int bytes) {
    return committedBytes + bytes <= budgetBytes / 2;
  }

  void commit(long bytes) {
    committedBytes += bytes;
  }

  void release(long bytes) {
    committedBytes -= bytes;
  }

  long committedBytes() {
    return committedBytes;
  }
}
