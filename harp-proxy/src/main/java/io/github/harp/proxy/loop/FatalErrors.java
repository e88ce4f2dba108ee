// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.loop;

import io.netty.util.Signal;
import java.util.function.Consumer;

/**
 * Looks out for what an event loop does not get over: an {@link Error}, such as that of no memory
 * left, means that something was not done that others rely on. Netty catches it and goes on.
 */
public final class FatalErrors {

  private static final int DEEPEST_CAUSE = 8;

  private final Consumer<Throwable> listener;

  /**
   * @param listener told on the event loop, which may have no memory left
   */
  public FatalErrors(Consumer<Throwable> listener) {
    this.listener = listener;
  }

  /** Tells the listener if this is one, or was caused by one. */
  public void look(Throwable failure) {
    var cause = failure;
    for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
      // Signals of Netty are constants that it throws to itself.
      if (cause instanceof Error && !(cause instanceof Signal)) {
        listener.accept(cause);
        return;
      }
      cause = cause.getCause();
    }
  }

  /** Runs what nobody else looks after. */
  void guard(Runnable task) {
    try {
      task.run();
    } catch (Error error) {
      look(error);
      throw error;
    }
  }
}
