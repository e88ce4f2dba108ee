// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes that sessions keep for slow readers, against a limit they share. Thread-safe.
 */
public final class HeldBytes {

  private final long limit;
  private final AtomicLong held = new AtomicLong();

  private HeldBytes(long limit) {
    this.limit = limit;
  }

  public static HeldBytes limitedTo(long bytes) {
    return new HeldBytes(bytes);
  }

  /**
   * Counts bytes that are now kept; false if that is more than allowed (they count nevertheless).
   */
  boolean add(int bytes) {
    return held.addAndGet(bytes) <= limit;
  }

  void remove(int bytes) {
    held.addAndGet(-bytes);
  }

  /** Bytes kept right now. */
  public long current() {
    return held.get();
  }
}
