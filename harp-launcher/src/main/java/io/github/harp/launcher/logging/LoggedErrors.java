// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import io.vertx.core.Context;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * Notices an {@link Error} that was caught on an event loop and only logged: Netty and Vert.x do so
 * with those of the tasks that they run.
 */
public final class LoggedErrors extends TurboFilter {

  private final Consumer<Throwable> listener;

  private LoggedErrors(Consumer<Throwable> listener) {
    this.listener = listener;
  }

  /** Tells of each from now on, on its event loop. */
  public static void tell(Consumer<Throwable> listener) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.addTurboFilter(new LoggedErrors(listener));
    }
  }

  @Override
  public FilterReply decide(
      @Nullable Marker marker,
      Logger logger,
      Level level,
      @Nullable String format,
      Object @Nullable [] parameters,
      @Nullable Throwable thrown) {
    var error = thrown == null ? last(parameters) : thrown;
    if (error instanceof Error fatal
        && level.isGreaterOrEqual(Level.WARN)
        && Context.isOnEventLoopThread()) {
      listener.accept(fatal);
    }
    return FilterReply.NEUTRAL;
  }

  /** Where a line has places for values, what was thrown is the last of them. */
  private static @Nullable Object last(Object @Nullable [] parameters) {
    return parameters == null || parameters.length == 0 ? null : parameters[parameters.length - 1];
  }
}
