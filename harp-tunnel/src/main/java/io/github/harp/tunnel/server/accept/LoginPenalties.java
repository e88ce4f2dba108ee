// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.stream.FloodGuard;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Slows down guessing: each wrong login from an address, and each visitor's wrong secret, makes the
 * answer to the next one later, and so do many from any addresses. What is right never waits.
 * Remembers a bounded number of addresses. Thread-safe.
 */
final class LoginPenalties {

  private static final int MAX_ADDRESSES = 10_000;
  private static final Duration STEP = Duration.ofMillis(250);
  private static final int MAX_STEPS = 12;
  private static final long FORGIVEN_AFTER_NANOS = Duration.ofMinutes(5).toNanos();

  /** So many of anybody are worth one of the address. */
  private static final int OF_ANYBODY = 10;

  private static final long NANOS_TO_FORGIVE_ONE_OF_ANYBODY = Duration.ofMillis(500).toNanos();

  /** Wrong secrets of visitors that are logged in: a visitor with an old one is no guesser yet. */
  private static final int GUESSES = 100;

  private static final int GUESSES_PER_SECOND = 2;

  private record Failures(int count, long lastNanos, FloodGuard guesses) {

    static Failures none(long nowNanos) {
      return new Failures(0, nowNanos, new FloodGuard(GUESSES, GUESSES_PER_SECOND, nowNanos));
    }
  }

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
    if (before == null || nowNanos - before.lastNanos > FORGIVEN_AFTER_NANOS) {
      before = Failures.none(nowNanos);
    }
    int count = Math.min(before.count + 1, MAX_STEPS);
    failures.put(subscriber, new Failures(count, nowNanos, before.guesses));
    long added = count < MAX_STEPS ? 1 : 0;
    return STEP.multipliedBy(Math.max(count, countOfAnybody(added, nowNanos) / OF_ANYBODY));
  }

  /**
   * Counts a wrong secret of a visitor that is logged in; false if there are too many of the
   * address, be they of several sessions.
   */
  synchronized boolean mayGuessAgain(Subscriber subscriber, long nowNanos) {
    return failures
        .computeIfAbsent(subscriber, first -> Failures.none(nowNanos))
        .guesses
        .allow(nowNanos);
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
