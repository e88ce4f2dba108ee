// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** How a procedure goes on when an answer is there: at once, or on its caller's executor. */
final class Waiting {
  private Waiting() {}

  /** What comes next with an answer; without a detour when it has come meanwhile. */
  static <T, R> Future<R> after(
      Future<T> answer, Executor executor, Function<AsyncResult<T>, Future<R>> next) {
    if (answer.isComplete()) {
      return next.apply(answer);
    }
    var outcome = Promise.<R>promise();
    answer.onComplete(
        result ->
            failing(
                outcome,
                () -> executor.execute(() -> failing(outcome, () -> goOn(result, next, outcome)))));
    return outcome.future();
  }

  private static <T, R> void goOn(
      AsyncResult<T> answer, Function<AsyncResult<T>, Future<R>> next, Promise<R> outcome) {
    next.apply(answer).onComplete(outcome);
  }

  /** Whatever breaks, nobody waits for ever. */
  private static <R> void failing(Promise<R> outcome, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      outcome.tryFail(e);
    }
  }
}
