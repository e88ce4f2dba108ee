// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import io.github.harp.launcher.config.LogSettings;
import java.nio.charset.StandardCharsets;
import java.util.logging.LogManager;
import org.slf4j.LoggerFactory;

/**
 * Directs log lines as the original does: one line per request to standard output, all else to
 * standard error.
 */
public final class LogOutput {

  /** The logger of lines about requests. */
  public static final String ACCESS = "io.github.harp.access";

  /** The logger of the steps of a start, which are shown at any level when they are asked for. */
  public static final String PROGRESS = "io.github.harp.progress";

  private LogOutput() {}

  /** Replaces whatever was set up before. */
  public static void direct(LogSettings settings) {
    LogManager.getLogManager().reset();
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    var level = level(settings.level());

    var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    // Libraries speak of their own affairs at debug.
    root.setLevel(level.isGreaterOrEqual(Level.WARN) ? level : Level.INFO);
    root.addAppender(console(context, "System.err", settings.format()));
    context.getLogger("io.github.harp").setLevel(level);
    context.getLogger("io.netty").setLevel(Level.WARN);
    // Each end of a watch is an error to it; whoever watches says what there is to say.
    context.getLogger("io.fabric8.kubernetes.client.dsl").setLevel(Level.OFF);
    // So is each connection that ends; whoever makes another one says what there is to say.
    context.getLogger("io.vertx.redis.client").setLevel(Level.OFF);
    // Event loops have a watch of ours, which says it once.
    context.getLogger("io.vertx.core.impl.BlockedThreadChecker").setLevel(Level.ERROR);

    var access = context.getLogger(ACCESS);
    access.setAdditive(false);
    access.addAppender(console(context, "System.out", settings.format()));
    if (settings.progress() && level.isGreaterOrEqual(Level.WARN)) {
      context.getLogger(PROGRESS).setLevel(Level.INFO);
    }
  }

  private static ConsoleAppender<ILoggingEvent> console(
      LoggerContext context, String target, LogSettings.Format format) {
    var appender = new ConsoleAppender<ILoggingEvent>();
    appender.setContext(context);
    appender.setTarget(target);
    appender.setEncoder(encoder(context, format));
    appender.start();
    return appender;
  }

  private static Encoder<ILoggingEvent> encoder(LoggerContext context, LogSettings.Format format) {
    var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
    encoder.setLayout(format == LogSettings.Format.JSON ? new JsonLines() : new TextLines());
    encoder.setCharset(StandardCharsets.UTF_8);
    encoder.setContext(context);
    encoder.start();
    return encoder;
  }

  private static Level level(LogSettings.Level level) {
    return switch (level) {
      case DEBUG -> Level.DEBUG;
      case INFO -> Level.INFO;
      case WARNING -> Level.WARN;
      case ERROR -> Level.ERROR;
    };
  }
}
