// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import java.time.Duration;
import java.util.TreeMap;

/** The thread of a test, on which time passes when it says so. */
final class PassingTime implements Loop {

  private final TreeMap<Long, Runnable> later = new TreeMap<>();
  private long now;

  @Override
  public void run(Runnable task) {
    task.run();
  }

  @Override
  public void after(Duration delay, Runnable task) {
    var at = now + delay.toNanos();
    while (later.containsKey(at)) {
      at++;
    }
    later.put(at, task);
  }

  @Override
  public long nanos() {
    return now;
  }

  void passes(Duration time) {
    var until = now + time.toNanos();
    while (!later.isEmpty() && later.firstKey() <= until) {
      now = later.firstKey();
      later.pollFirstEntry().getValue().run();
    }
    now = until;
  }
}
