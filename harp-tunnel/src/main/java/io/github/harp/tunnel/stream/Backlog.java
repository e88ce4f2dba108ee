// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stream;

import io.netty.util.concurrent.Ticker;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bytes that one event loop has handed to another, which has not taken them yet. Costs no task on
 * the producer's loop, except for one when a producer that had to stop may go on.
 */
final class Backlog {

  private static final int CAPACITY_BYTES = 256 * 1024;

  /** A producer that waits goes on when half of the capacity is free. */
  private static final int LEAST_WHILE_WAITING_BYTES = HeldBytes.LEAST_BYTES / 2;

  private final HeldBytes all;
  private final int leastBytes;
  private final Ticker ticker;
  private final AtomicInteger bytes = new AtomicInteger();
  private final AtomicBoolean producerWaits = new AtomicBoolean();
  private int takenBytes;
  private volatile long movedAtNanos;

  /**
   * @param all says when memory is short: then it holds less
   * @param leastBytes what it may always hold
   */
  Backlog(HeldBytes all, int leastBytes, Ticker ticker) {
    this.all = all;
    this.leastBytes = leastBytes;
    this.ticker = ticker;
  }

  private int capacity() {
    return Math.max(leastBytes, all.share(CAPACITY_BYTES));
  }

  /** Whether so many bytes have been lying here for so long that a reset is worth it. */
  boolean isStale(long patienceNanos) {
    return hasLain(all.least(), patienceNanos);
  }

  /** Whether a producer that waits has done so for so long, and next to nothing was taken. */
  boolean standsStill(long patienceNanos) {
    return hasLain(LEAST_WHILE_WAITING_BYTES, patienceNanos);
  }

  private boolean hasLain(int leastBytes, long patienceNanos) {
    return bytes.get() >= leastBytes && ticker.nanoTime() - movedAtNanos >= patienceNanos;
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
    int now = bytes.addAndGet(more);
    if (now >= LEAST_WHILE_WAITING_BYTES && now - more < LEAST_WHILE_WAITING_BYTES) {
      movedAtNanos = ticker.nanoTime();
    }
    if (now < capacity) {
      return true;
    }
    producerWaits.set(true);
    // The consumer may have taken the last of them before it could see that the producer waits.
    return bytes.get() < capacity / 2 && producerWaits.compareAndSet(true, false);
  }

  // ---- the consumer

  /** Counts bytes as taken. True when the producer has to be told to go on, once. */
  boolean remove(int taken) {
    takenBytes += taken;
    if (takenBytes >= all.least() / 2) {
      takenBytes = 0;
      movedAtNanos = ticker.nanoTime();
    }
    return bytes.addAndGet(-taken) < capacity() / 2
        && producerWaits.get()
        && producerWaits.compareAndSet(true, false);
  }
}
