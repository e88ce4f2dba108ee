// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.harp.launcher.config.Configuration;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeakKeyTest {

  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @Test
  @DisplayName("S13: a weak key is an error in the log at each start, other oddities are warnings")
  void s13_aWeakKeyIsAnErrorInTheLog(@TempDir Path root) throws Exception {
    var logger = new LoggerContext().getLogger(Logger.ROOT_LOGGER_NAME);
    lines.start();
    logger.addAppender(lines);

    ServeCommand.tell(
        Configuration.from(
            Map.of(
                "HP_SHARED_KEY", "change_me",
                "NC_INSTANCE_URL", "http://127.0.0.1:9",
                "HP_VERBOSE_START", "2"),
            root),
        logger);

    assertThat(lines.list)
        .extracting(ILoggingEvent::getLevel)
        .containsExactly(Level.ERROR, Level.WARN);
    assertThat(lines.list.get(0).getFormattedMessage())
        .contains("HP_SHARED_KEY", "public documents")
        .doesNotContain("change_me");
  }
}
