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
  private static final int RESUME_BELOW_BYTES = CAPACITY_BYTES / 2;

  private final AtomicInteger bytes = new AtomicInteger();
  private final AtomicBoolean producerWaits = new AtomicBoolean();

  // ---- the producer

  /** Whether it may hand over more, with what it has already collected. */
  boolean hasRoomBeside(int collected) {
    return bytes.get() + collected < CAPACITY_BYTES;
  }

  /**
   * Counts bytes before they are handed over. False when the producer must stop until it is told to
   * go on.
   */
  boolean add(int more) {
    if (bytes.addAndGet(more) < CAPACITY_BYTES) {
      return true;
    }
    producerWaits.set(true);
    // The consumer may have taken the last of them before it could see that the producer waits.
    return bytes.get() < RESUME_BELOW_BYTES && producerWaits.compareAndSet(true, false);
  }

  // ---- the consumer

  /** Counts bytes as taken. True when the producer has to be told to go on, once. */
  boolean remove(int taken) {
    return bytes.addAndGet(-taken) < RESUME_BELOW_BYTES
        && producerWaits.get()
        && producerWaits.compareAndSet(true, false);
  }
}
