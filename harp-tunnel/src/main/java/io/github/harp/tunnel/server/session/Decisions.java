// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the host's code a question and gets an answer: on our event loop, once, in time, or a
 * failure.
 */
final class Decisions {

  private Decisions() {}

  static <T> void within(
      Duration deadline,
      EventLoop loop,
      Supplier<CompletionStage<T>> question,
      BiConsumer<@Nullable T, @Nullable Throwable> then) {
    try {
      question
          .get()
          .toCompletableFuture()
          .copy()
          .orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
          .whenComplete(
              (answer, failure) ->
                  loop.execute(() -> then.accept(answer, explained(failure, deadline))));
    } catch (RuntimeException e) {
      then.accept(null, e);
    }
  }

  private static @Nullable Throwable explained(@Nullable Throwable failure, Duration deadline) {
    return failure instanceof TimeoutException
        ? new TimeoutException("no decision within " + deadline.toMillis() + " ms")
        : failure;
  }
}
