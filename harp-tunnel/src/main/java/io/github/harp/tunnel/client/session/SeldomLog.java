// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.session;

import java.util.concurrent.TimeUnit;

/**
 * Says when something that may happen very often is worth a line in the log again. Not thread-safe.
 */
final class SeldomLog {

  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private long last = System.nanoTime() - INTERVAL_NANOS;

  boolean isDue() {
    long now = System.nanoTime();
    if (now - last < INTERVAL_NANOS) {
      return false;
    }
    last = now;
    return true;
  }
}
