// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stream;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bytes that one event loop has handed to another, which has not taken them yet. Costs no task on
 * the producer's loop, except for one when a producer that had to stop may go on.
 */
final class Backlog {

  private static final int CAPACITY_BYTES = 256 * 1024;
  private static final int LEAST_CAPACITY_BYTES = 32 * 1024;

  private final HeldBytes all;
  private final AtomicInteger bytes = new AtomicInteger();
  private final AtomicBoolean producerWaits = new AtomicBoolean();
  private volatile int takenBytes;
  private int seenTakenBytes = -1;
  private long seenAtNanos;

  /**
   * @param all says when memory is short: then it holds less
   */
  Backlog(HeldBytes all) {
    this.all = all;
  }

  private int capacity() {
    return all.hasRoomToGrow(CAPACITY_BYTES) ? CAPACITY_BYTES : LEAST_CAPACITY_BYTES;
  }

  // ---- the producer

  /** Whether it may hand over more, with what it has already collected. */
  boolean hasRoomBeside(int collected) {
    return bytes.get() + collected < capacity();
  }

  /**
   * Counts bytes before they are handed over. False when the producer must stop until it is told to
   * go on.
   */
  boolean add(int more) {
    int capacity = capacity();
    if (bytes.addAndGet(more) < capacity) {
      return true;
    }
    producerWaits.set(true);
    // The consumer may have taken the last of them before it could see that the producer waits.
    return bytes.get() < capacity / 2 && producerWaits.compareAndSet(true, false);
  }

  /**
   * Whether bytes have been lying here since it was asked a while ago. The producer asks while
   * memory is used up.
   */
  boolean isStale(long nowNanos) {
    int taken = takenBytes;
    if (bytes.get() < Holding.SIZEABLE_BYTES || taken != seenTakenBytes) {
      seenTakenBytes = taken;
      seenAtNanos = nowNanos;
    }
    return nowNanos - seenAtNanos >= Holding.PATIENCE_NANOS;
  }

  // ---- the consumer

  /** Counts bytes as taken. True when the producer has to be told to go on, once. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // by the consumer only
  boolean remove(int taken) {
    takenBytes += taken;
    return bytes.addAndGet(-taken) < capacity() / 2
        && producerWaits.get()
        && producerWaits.compareAndSet(true, false);
  }
}
