// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.session;

import io.github.harp.tunnel.client.TunnelClientOptions.Retries;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: twice as long each time up to a limit, and never quite
 * that long, so that the clients of a restarted server do not all come back in the same moment. Not
 * thread-safe.
 */
final class Waits {

  private final long firstMillis;
  private final long mostMillis;
  private final Supplier<? extends RandomGenerator> random;
  private long nextMillis;

  Waits(Retries retries, Supplier<? extends RandomGenerator> random) {
    this.firstMillis = Math.max(1, retries.first().toMillis());
    this.mostMillis = Math.max(firstMillis, retries.most().toMillis());
    this.random = random;
    this.nextMillis = firstMillis;
  }

  /** Between half and all of what has grown. */
  Duration next() {
    long wait = nextMillis;
    nextMillis = Math.min(mostMillis, 2 * wait);
    return Duration.ofMillis(wait / 2 + random.get().nextLong(wait - wait / 2 + 1));
  }

  /** The last attempt has led to something. */
  void startOver() {
    nextMillis = firstMillis;
  }
}
