// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.orders;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads for what blocks. They are there while they have something to do, and seconds more. */
public final class Workers {

  private static final long IDLE_SECONDS = 5;

  private Workers() {}

  /**
   * @param waiting how much may wait for a thread; more is rejected
   */
  public static ExecutorService upTo(int threads, int waiting, String name) {
    var workers =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(waiting),
            new DefaultThreadFactory(name, true));
    workers.allowCoreThreadTimeOut(true);
    return workers;
  }
}
