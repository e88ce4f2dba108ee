// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.budget;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes of one kind of memory that are kept for clients, against a limit. Thread-safe. */
public final class Budget {

  private static final int LITTLE_BYTES = 16 * 1024;

  private final String name;
  private final long limit;
  private final long most;
  private final AtomicLong used = new AtomicLong();

  /**
   * @param limit from here on it is short
   * @param most from here on there is no room for anything new
   */
  Budget(String name, long limit, long most) {
    this.name = name;
    this.limit = limit;
    this.most = most;
  }

  public void add(long bytes) {
    used.addAndGet(bytes);
  }

  /** Bytes that are kept right now. */
  public long used() {
    return used.get();
  }

  /** Whether it is time to be sparing: nobody who has something gets more. */
  public boolean isShort() {
    return used.get() >= limit;
  }

  boolean isHalfUsed() {
    return used.get() >= limit / 2;
  }

  /** With how much waiting one may be given more. */
  public long mayWaitBytes() {
    if (isShort()) {
      return 0;
    }
    return isHalfUsed() ? LITTLE_BYTES : Long.MAX_VALUE;
  }

  /** Whether being sparing was not enough: a quarter over the limit. */
  public boolean isUrgent() {
    return used.get() >= limit + limit / 4;
  }

  /** Whether even what is begun anew would be too much. */
  boolean isExhausted() {
    return used.get() >= most;
  }

  /** Bytes that have to go until it is no longer short. */
  long excess() {
    return used.get() - limit + 1;
  }

  @Override
  public String toString() {
    return name + ": " + used.get() + " of " + limit + " bytes";
  }
}
