// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.notice;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;

/**
 * Remembers for a minute what has been told, so that what many requests cause is one line in the
 * log. At most {@link #MOST} different things are told in a minute. Thread-safe.
 */
public final class SeldomNotices {
  /** How many different things are told in a minute. */
  public static final int MOST = 500;

  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final Cache<Object, Boolean> told;

  /**
   * Nothing has been told yet.
   *
   * @param ticker the time
   */
  public SeldomNotices(Ticker ticker) {
    told =
        Caffeine.newBuilder()
            .ticker(ticker)
            .expireAfterWrite(INTERVAL)
            .executor(Runnable::run)
            .build();
  }

  /** Whether this is to be told now; then it is not for a minute. */
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
