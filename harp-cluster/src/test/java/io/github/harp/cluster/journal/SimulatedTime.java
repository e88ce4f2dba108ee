// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.journal;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;

/** Time that passes as fast as what is to happen in it: one thing after the other. */
public final class SimulatedTime {

  private record Task(long at, long order, Runnable task) {}

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::at).thenComparingLong(Task::order));
  private long now = 1_000_000_000;
  private long order;

  public long nanos() {
    return now;
  }

  public void after(Duration delay, Runnable task) {
    tasks.add(new Task(now + delay.toNanos(), order++, task));
  }

  /** Some time up to this one later. */
  public void within(Duration most, Random random, Runnable task) {
    after(Duration.ofNanos((long) (random.nextDouble() * most.toNanos())), task);
  }

  public void pass(Duration duration) {
    var end = now + duration.toNanos();
    for (var next = tasks.peek(); next != null && next.at() <= end; next = tasks.peek()) {
      tasks.remove();
      now = next.at();
      next.task().run();
    }
    now = end;
  }
}
