// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.folder;

import io.github.harp.transfer.TransferException;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Gives whole files their names while the next ones come: to wait for the disk takes its time. */
public final class Placing implements AutoCloseable {

  private static final int THREADS = 4;
  private static final int MOST_WAITING = 256;
  private static final long PATIENCE_SECONDS = 5;

  private final TargetFolder target;
  private final Semaphore free = new Semaphore(MOST_WAITING);
  private final AtomicReference<@Nullable TransferException> failure = new AtomicReference<>();
  private final ExecutorService threads =
      Executors.newFixedThreadPool(THREADS, new DefaultThreadFactory("harp-files", true));

  public Placing(TargetFolder target) {
    this.target = target;
  }

  /**
   * Waits if the disk is far behind.
   *
   * @throws TransferException if an earlier file could not be placed
   */
  public void place(Part part) throws TransferException, InterruptedException {
    free.acquire();
    threads.execute(
        () -> {
          try {
            target.place(part);
          } catch (TransferException e) {
            failure.compareAndSet(null, e);
          } finally {
            free.release();
          }
        });
    requireNoFailure();
  }

  private void requireNoFailure() throws TransferException {
    var first = failure.get();
    if (first != null) {
      throw first;
    }
  }

  /** Whether all have their names, for which it waits some seconds. */
  public boolean isDone() throws TransferException, InterruptedException {
    var done = free.tryAcquire(MOST_WAITING, PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (done) {
      free.release(MOST_WAITING);
    }
    requireNoFailure();
    return done;
  }

  /** Those that are whole get their names all the same. */
  @Override
  public void close() throws InterruptedException {
    threads.shutdown();
    while (!threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      // The disk takes as long as it takes.
    }
  }
}
