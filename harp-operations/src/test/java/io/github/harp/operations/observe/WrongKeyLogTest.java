// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.observe;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.testing.ManualTicker;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class WrongKeyLogTest {

  private static final SharedKey OURS = SharedKey.of("the-right-key");

  private final ManualTicker ticker = new ManualTicker();
  private final WrongKeyLog log = new WrongKeyLog(OURS, Runnable::run, ticker);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(WrongKeyLog.class);

  @BeforeEach
  void collect() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void detach() {
    logger.detachAppender(lines);
  }

  @Test
  void showsBothFingerprintsAndNeitherKey() {
    log.shown(FinishedRequests.CLIENT, "some-other-key");

    assertThat(lines.list).hasSize(1);
    assertThat(lines.list.get(0).getFormattedMessage())
        .contains("203.0.113.7", OURS.fingerprint(), SharedKey.of("some-other-key").fingerprint())
        .doesNotContain("the-right-key", "some-other-key");
  }

  @Test
  void somebodyWhoTriesManyKeysCostsOneFingerprintInFiveSeconds() {
    for (var i = 0; i < 1000; i++) {
      log.shown(FinishedRequests.CLIENT, "guess-" + i);
    }
    ticker.advance(Duration.ofSeconds(5));
    log.shown(FinishedRequests.CLIENT, "guess-1000");

    assertThat(lines.list).hasSize(2);
  }

  @Test
  void anEmptyKeyIsNoKey() {
    log.shown(FinishedRequests.CLIENT, "");

    assertThat(lines.list).isEmpty();
  }
}
