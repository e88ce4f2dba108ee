// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.session;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs what must not stop an event loop, looking up names and reading files, on a few threads that
 * come and go.
 */
final class BlockingWork implements AutoCloseable {

  private static final int THREADS = 4;
  private static final int MAX_WAITING = 1_000;

  private final ThreadPoolExecutor threads;

  BlockingWork() {
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

  /** The result arrives on the event loop. */
  <T> Future<T> call(EventLoop loop, Callable<T> work) {
    var result = loop.<T>newPromise();
    try {
      threads.execute(
          () -> {
            try {
              result.trySuccess(work.call());
            } catch (Exception e) {
              result.tryFailure(e);
            }
          });
    } catch (RejectedExecutionException e) {
      result.tryFailure(e);
    }
    return result;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
