// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.target;

import io.github.harp.bench.BenchException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits for a system that is being started. */
public final class FirstAnswer {
  private static final long PAUSE_NANOS = 1_000_000;

  private FirstAnswer() {}

  /** Asks for a resource every millisecond until it is served. */
  public static void await(Target target, String resource, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      try (var connection = new HttpConnection(target, 1024)) {
        connection.get(resource);
        return;
      } catch (IOException e) {
        if (System.nanoTime() > end || Thread.currentThread().isInterrupted()) {
          throw new BenchException(
              "port "
                  + target.port()
                  + " served nothing within "
                  + limit.toSeconds()
                  + " s: "
                  + e.getMessage(),
              e);
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }
}
