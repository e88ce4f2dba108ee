// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.testing;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for futures of the seams, which complete on any thread. */
public final class Wait {
  /** Longer than anything takes; a test that reaches it has failed. */
  public static final Duration LIMIT = Duration.ofSeconds(30);

  private Wait() {}

  public static <T> T resultOf(Future<T> future) {
    var failure = outcomeOf(future);
    if (failure != null) {
      throw new AssertionError("failed, expected a result", failure);
    }
    return future.result();
  }

  public static Throwable failureOf(Future<?> future) {
    var failure = outcomeOf(future);
    if (failure == null) {
      throw new AssertionError("succeeded with " + future.result() + ", expected a failure");
    }
    return failure;
  }

  private static Throwable outcomeOf(Future<?> future) {
    try {
      future.toCompletionStage().toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      return null;
    } catch (ExecutionException e) {
      return e.getCause();
    } catch (TimeoutException e) {
      throw new AssertionError("not complete after " + LIMIT, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
