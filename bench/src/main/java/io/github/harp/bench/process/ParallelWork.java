// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.process;

import io.github.harp.bench.BenchException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** Runs the same blocking work on several threads and waits for all, up to a limit. */
public final class ParallelWork {
  private ParallelWork() {}

  public static <T> List<T> run(int count, Duration limit, IntFunction<Callable<T>> work) {
    var threads = Executors.newFixedThreadPool(count);
    try {
      var tasks = new ArrayList<Callable<T>>();
      for (int i = 0; i < count; i++) {
        tasks.add(work.apply(i));
      }
      var results = new ArrayList<T>();
      for (var result : threads.invokeAll(tasks, limit.toMillis(), TimeUnit.MILLISECONDS)) {
        results.add(result.get());
      }
      return results;
    } catch (CancellationException e) {
      throw new BenchException("load did not end within " + limit.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new BenchException("load failed: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted while there was load", e);
    } finally {
      threads.shutdownNow();
    }
  }
}
