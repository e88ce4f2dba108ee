// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.notice;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;

/**
 * Remembers for a while what has been told, so that what many requests cause is one line in the
 * log. At most {@link #MOST} different things are told in this time. Thread-safe.
 */
public final class SeldomNotices {
  /** How many different things are told. */
  public static final int MOST = 500;

  private final Cache<Object, Boolean> told;

  /**
   * Nothing has been told yet, and is remembered for a minute.
   *
   * @param ticker the time
   */
  public SeldomNotices(Ticker ticker) {
    this(ticker, Duration.ofMinutes(1));
  }

  public SeldomNotices(Ticker ticker, Duration interval) {
    told =
        Caffeine.newBuilder()
            .ticker(ticker)
            .expireAfterWrite(interval)
            .executor(Runnable::run)
            .build();
  }

  /** Whether this is to be told now; then it is not for a while. */
  public boolean isNew(Object notice) {
    if (told.asMap().containsKey(notice)) {
      return false;
    }
    if (told.estimatedSize() >= MOST) {
      told.cleanUp();
    }
    return told.estimatedSize() < MOST && told.asMap().putIfAbsent(notice, true) == null;
  }
}
