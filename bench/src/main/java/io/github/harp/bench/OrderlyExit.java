// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets the thread that made it finish its clean-up when the program is stopped from outside
 * (Ctrl-C, TERM): the thread is interrupted, and the program ends once it has closed this.
 */
final class OrderlyExit implements AutoCloseable {
  private static final long LIMIT_SECONDS = 60;

  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread hook;

  OrderlyExit() {
    var worker = Thread.currentThread();
    hook = new Thread(() -> interruptAndWait(worker), "orderly-exit");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // The program is ending, and the hook was waiting for the line above.
    }
  }

  private void interruptAndWait(Thread worker) {
    worker.interrupt();
    try {
      closed.await(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
