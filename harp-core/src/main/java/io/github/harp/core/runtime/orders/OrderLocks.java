// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.orders;

import io.github.harp.core.HarpException;
import java.time.Duration;

/**
 * What keeps orders for one ExApp apart that are given to desks of several nodes. Within a desk
 * they wait for each other anyway. Thread-safe.
 */
public interface OrderLocks {

  /** There are no other nodes. */
  OrderLocks NONE =
      new OrderLocks() {
        @Override
        public Duration patience() {
          return Duration.ZERO;
        }

        @Override
        public Held lock(String what, Runnable lost) {
          return Held.UNCONTESTED;
        }
      };

  /** How long a lock is waited for at most. */
  Duration patience();

  /**
   * Waits until nobody else has this lock. Blocks.
   *
   * @param lost called at most once, on any thread and not after the lock was given back, when
   *     somebody else may have it: from then on nothing more may be changed
   * @throws HarpException {@code BUSY} when others had it all the time, {@code UNAVAILABLE} when
   *     nobody can say who has it
   */
  Held lock(String what, Runnable lost) throws InterruptedException;

  /** A lock that somebody has. Thread-safe. */
  interface Held extends AutoCloseable {

    /** Of what nobody else can want. */
    Held UNCONTESTED =
        new Held() {
          @Override
          public void requireHeld() {}

          @Override
          public void close() {}
        };

    /**
     * To be asked before each single change, one that undoes another included: whoever stood still
     * for a while learns of that nowhere else in time.
     *
     * @throws HarpException {@code BUSY} when somebody else may have it by now
     */
    void requireHeld();

    /** Gives it back. */
    @Override
    void close();
  }
}
