// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.dial;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs what must not stop an event loop, looking up names and reading files, on a few threads that
 * come and go.
 */
public final class BlockingWork implements Executor, AutoCloseable {

  private static final int THREADS = 4;
  private static final int MAX_WAITING = 1_000;

  private final ThreadPoolExecutor threads;

  public BlockingWork() {
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_WAITING),
            new DefaultThreadFactory("tunnel-client-lookup", true));
    threads.allowCoreThreadTimeOut(true);
  }

  <T> CompletableFuture<T> call(Callable<T> work) {
    var result = new CompletableFuture<T>();
    try {
      threads.execute(
          () -> {
            try {
              result.complete(work.call());
            } catch (Exception e) {
              result.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(e);
    }
    return result;
  }

  @Override
  public void execute(Runnable work) {
    threads.execute(work);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
