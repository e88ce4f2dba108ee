// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import io.vertx.core.Context;
import java.time.Duration;

/** The thread that what nodes share is kept on, and its time. */
interface Loop {

  /** Runs this there, soon. On any thread. */
  void run(Runnable task);

  /** Runs this there, later. On this thread. */
  void after(Duration delay, Runnable task);

  /** As {@link System#nanoTime}. */
  long nanos();

  /** An event loop's. */
  static Loop of(Context context) {
    return new Loop() {
      @Override
      public void run(Runnable task) {
        context.runOnContext(it -> task.run());
      }

      @Override
      public void after(Duration delay, Runnable task) {
        context.owner().setTimer(delay.toMillis(), it -> task.run());
      }

      @Override
      public long nanos() {
        return System.nanoTime();
      }
    };
  }
}
