// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** S14: what a client does is no stack trace in the log, in each test of a class. */
final class StackTraces implements BeforeEachCallback, AfterEachCallback {

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @Override
  public void beforeEach(ExtensionContext context) {
    log.list.clear();
    log.start();
    root().addAppender(log);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    root().detachAppender(log);
    assertThat(List.copyOf(log.list))
        .filteredOn(event -> event.getThrowableProxy() != null)
        .extracting(
            event -> event.getFormattedMessage() + " " + event.getThrowableProxy().getMessage())
        .isEmpty();
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }
}
