// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy;

import java.time.Duration;
import java.util.Optional;

/**
 * Slows down those who guess the shared key from many addresses: the more wrong keys of anybody
 * there were of late, the later each is answered. A single address is banned long before this is
 * felt, and the right key never waits. Thread-safe; one for all event loops, and for the pages that
 * take keys.
 */
public final class WrongKeyDelays {

  /** So many at once, as when a key has just been changed, wait for nothing. */
  private static final int FREE = 100;

  private static final int PER_STEP = 10;
  private static final int MAX_STEPS = 12;
  private static final Duration STEP = Duration.ofMillis(250);
  private static final long NANOS_TO_FORGIVE_ONE = Duration.ofMillis(500).toNanos();

  /** More are not kept waiting: they hold a connection and a request each. */
  private static final int MAX_WAITING = 1_000;

  private long recent;
  private long forgivenNanos;
  private int waiting;

  /**
   * Counts a wrong key. Who waits tells {@link #waited} at the end of it.
   *
   * @param nowNanos of a clock that only goes forward
   * @return how long to wait before it is answered; empty when too many wait already, and the
   *     connection had better end
   */
  public synchronized Optional<Duration> afterOne(long nowNanos) {
    if (recent == 0) {
      forgivenNanos = nowNanos;
    }
    long forgiven = Math.min(recent, (nowNanos - forgivenNanos) / NANOS_TO_FORGIVE_ONE);
    forgivenNanos += forgiven * NANOS_TO_FORGIVE_ONE;
    recent = Math.min(recent - forgiven + 1, FREE + (long) PER_STEP * MAX_STEPS);
    long steps = recent > FREE ? (recent - FREE + PER_STEP - 1) / PER_STEP : 0;
    if (steps == 0) {
      return Optional.of(Duration.ZERO);
    }
    if (waiting == MAX_WAITING) {
      return Optional.empty();
    }
    waiting++;
    return Optional.of(STEP.multipliedBy(steps));
  }

  /** Somebody has waited. */
  public synchronized void waited() {
    waiting--;
  }
}
