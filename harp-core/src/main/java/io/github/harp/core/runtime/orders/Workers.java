// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.orders;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads that may block, for one place. */
public final class Workers {

  private static final long IDLE_SECONDS = 5;

  private Workers() {}

  /**
   * Threads that go a few seconds after their last task, and keep no process from ending.
   *
   * @param name of each thread
   * @param waiting how many tasks may wait for one; more are rejected
   */
  public static ExecutorService of(String name, int threads, int waiting) {
    var workers =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(waiting),
            task -> {
              var thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
    workers.allowCoreThreadTimeOut(true);
    return workers;
  }
}
