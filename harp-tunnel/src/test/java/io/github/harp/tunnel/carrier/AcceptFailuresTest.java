// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class AcceptFailuresTest {

  private final Logger logger = (Logger) LoggerFactory.getLogger(AcceptFailures.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final EmbeddedChannel listener = new EmbeddedChannel(new AcceptFailures());

  @BeforeEach
  void listen() {
    listener.freezeTime();
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
  }

  @Test
  @DisplayName("S14: a failed accept is one line and a pause, not a stack trace")
  void s14_aFailedAcceptIsOneLineAndAPause() {
    listener.pipeline().fireExceptionCaught(new IOException("Too many open files"));
    listener.pipeline().fireExceptionCaught(new IOException("Too many open files"));

    assertThat(lines.list)
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.getFormattedMessage()).contains("Too many open files");
              assertThat(line.getThrowableProxy()).isNull();
            });
    assertThat(listener.config().isAutoRead()).isFalse();

    listener.advanceTimeBy(1, TimeUnit.SECONDS);
    listener.runScheduledPendingTasks();
    assertThat(listener.config().isAutoRead()).isTrue();
  }

  @Test
  void aDefectIsPassedOn() {
    listener.pipeline().fireExceptionCaught(new IllegalStateException("a defect"));

    assertThatThrownBy(listener::checkException).hasMessage("a defect");
    assertThat(listener.config().isAutoRead()).isTrue();
  }
}
