// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Slows down guessing: each wrong login from an address makes the answer to the next one later, and
 * so do many from any addresses. A right login never waits. Remembers a bounded number of
 * addresses. Thread-safe.
 */
final class LoginPenalties {

  private static final int MAX_ADDRESSES = 10_000;
  private static final Duration STEP = Duration.ofMillis(250);
  private static final int MAX_STEPS = 12;
  private static final long FORGIVEN_AFTER_NANOS = Duration.ofMinutes(5).toNanos();

  /** So many of anybody are worth one of the address. */
  private static final int OF_ANYBODY = 10;

  private static final long NANOS_TO_FORGIVE_ONE_OF_ANYBODY = Duration.ofMillis(500).toNanos();

  private record Failures(int count, long lastNanos) {}

  private final Map<Subscriber, Failures> failures =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Subscriber, Failures> eldest) {
          return size() > MAX_ADDRESSES;
        }
      };

  private long ofAnybody;
  private long forgivenNanos;

  /** Counts a wrong login; returns how long to wait before answering it. */
  synchronized Duration afterFailure(Subscriber subscriber, long nowNanos) {
    Failures before = failures.get(subscriber);
    boolean fresh = before == null || nowNanos - before.lastNanos > FORGIVEN_AFTER_NANOS;
    int count = fresh || before == null ? 1 : Math.min(before.count + 1, MAX_STEPS);
    failures.put(subscriber, new Failures(count, nowNanos));
    long added = count < MAX_STEPS ? 1 : 0;
    return STEP.multipliedBy(Math.max(count, countOfAnybody(added, nowNanos) / OF_ANYBODY));
  }

  /** Of one address no more count than make it wait longest: one guesser slows down himself. */
  private long countOfAnybody(long added, long nowNanos) {
    if (ofAnybody == 0) {
      forgivenNanos = nowNanos;
    }
    long forgiven =
        Math.min(ofAnybody, (nowNanos - forgivenNanos) / NANOS_TO_FORGIVE_ONE_OF_ANYBODY);
    forgivenNanos += forgiven * NANOS_TO_FORGIVE_ONE_OF_ANYBODY;
    ofAnybody = Math.min(ofAnybody - forgiven + added, (long) OF_ANYBODY * MAX_STEPS);
    return ofAnybody;
  }
}
