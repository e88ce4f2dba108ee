// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.observe;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.harp.core.AccessLevel;
import io.github.harp.core.decision.Decision;
import io.github.harp.core.decision.Reason;
import io.github.harp.core.decision.Verdict;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.RequestRecord.Failure;
import java.time.Duration;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.KeyValuePair;

class AccessLogTest extends RequestObserverContract {

  private final Logger logger = new LoggerContext().getLogger("access");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final AccessLog log = new AccessLog(logger, false);

  @Override
  protected RequestObserver observer() {
    return log;
  }

  @BeforeEach
  void collect() {
    logger.setLevel(Level.INFO);
    lines.start();
    logger.addAppender(lines);
  }

  @Test
  void saysWhatWasAskedDecidedAndAnswered() {
    log.finished(FinishedRequests.of(FinishedRequests.toApp("app", AccessLevel.USER), 200, null));

    assertThat(line().getLevel()).isEqualTo(Level.INFO);
    assertThat(line().getFormattedMessage())
        .isEqualTo(
            "GET /exapps/app/x id=k3v9q0d1ze status=200 protocol=HTTP/1.1 client=203.0.113.7"
                + " decision=forward reason=ROUTE_ALLOWED app=app user=user upstream=tunnel:23000"
                + " deciding_ms=1.2 first_byte_ms=7.0 total_ms=9.0 in=10 out=2000");
  }

  @Test
  void saysWhichExAppsAreInACluster() {
    log.finished(FinishedRequests.of(FinishedRequests.toCluster("app"), 200, null));

    assertThat(line().getFormattedMessage()).contains(" app=app place=cluster user=anonymous ");
    assertThat(line().getKeyValuePairs()).contains(new KeyValuePair("place", "cluster"));
  }

  @ParameterizedTest
  @CsvSource({
    "/k8s/exapp/create, true",
    "/k8s/exapp/expose, true",
    "/docker/exapp/create, false",
    "/exapp_storage/k8s, false",
    "/info, false"
  })
  void saysWhichOrdersAreForTheCluster(String order, boolean isForCluster) {
    log.finished(FinishedRequests.of(FinishedRequests.order(order), 201, null));

    if (isForCluster) {
      assertThat(line().getFormattedMessage())
          .contains(" decision=control reason=ORDER place=cluster ");
      assertThat(line().getKeyValuePairs()).contains(new KeyValuePair("place", "cluster"));
    } else {
      assertThat(line().getFormattedMessage()).doesNotContain("place=");
    }
  }

  @Test
  void givesMachinesTheSameValuesAsPairs() {
    log.finished(FinishedRequests.of(FinishedRequests.toApp("app", AccessLevel.USER), 200, null));

    var pairs =
        line().getKeyValuePairs().stream().collect(Collectors.toMap(it -> it.key, it -> it.value));
    assertThat(pairs)
        .containsEntry("path", "/exapps/app/x")
        .containsEntry("status", 200)
        .containsEntry("app", "app");
  }

  @Test
  void namesNeitherTheUserNorASecret() {
    log.finished(FinishedRequests.of(FinishedRequests.toApp("app", AccessLevel.ADMIN), 200, null));

    assertThat(line().getFormattedMessage())
        .contains("user=admin")
        .doesNotContain("alice", "app-secret", "YWxpY2U6YXBwLXNlY3JldA==");
    assertThat(line().getKeyValuePairs().toString())
        .doesNotContain("alice", "app-secret", "YWxpY2U6YXBwLXNlY3JldA==");
  }

  @Test
  void namesTheUserWhenItIsToldTo() {
    naming()
        .finished(FinishedRequests.of(FinishedRequests.toApp("app", AccessLevel.USER), 200, null));

    assertThat(line().getFormattedMessage())
        .contains(" user=user name=alice ")
        .doesNotContain("app-secret");
  }

  @Test
  void namesTheUserThatAppApiVouchesForAndNothingElseOfItsWord() {
    naming().finished(FinishedRequests.of(FinishedRequests.signed("bob b.:the-secret"), 200, null));

    assertThat(line().getFormattedMessage())
        .contains(" user=appapi name=\"bob b.\" ")
        .doesNotContain("the-secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {":the-secret", "the-secret", ""})
  void namesNobodyWhereAppApiVouchesForNobody(String word) {
    naming().finished(FinishedRequests.of(FinishedRequests.signed(word), 200, null));

    assertThat(line().getFormattedMessage()).doesNotContain("name=", "the-secret");
  }

  private AccessLog naming() {
    return new AccessLog(logger, true);
  }

  @Test
  void aRefusalThatCountsIsAWarning() {
    var refusal = FinishedRequests.refused(403, Reason.LEVEL_TOO_LOW, true);

    log.finished(FinishedRequests.of(refusal, 403, null));

    assertThat(line().getLevel()).isEqualTo(Level.WARN);
  }

  @Test
  void aForbiddenEngineCallIsAWarningThatSaysWhy() {
    var refusal = new Decision.Refuse(403, Duration.ZERO, "engine 24000: no rule");
    var verdict =
        new Verdict(
            refusal,
            FinishedRequests.INSTANCE,
            Reason.ENGINE_RULE,
            FinishedRequests.CLIENT,
            true,
            false);

    log.finished(FinishedRequests.of(verdict, 403, null));

    assertThat(line().getLevel()).isEqualTo(Level.WARN);
    assertThat(line().getFormattedMessage())
        .contains("decision=refuse reason=ENGINE_RULE")
        .endsWith(": engine 24000: no rule");
  }

  @Test
  void anExAppThatFailsIsAWarningWithItsStory() {
    var failure = new Failure(Failure.Kind.CONNECT_FAILED, "connection refused");

    log.finished(
        FinishedRequests.of(FinishedRequests.toApp("app", AccessLevel.USER), 503, failure));

    assertThat(line().getLevel()).isEqualTo(Level.WARN);
    assertThat(line().getFormattedMessage()).endsWith("error=CONNECT_FAILED: connection refused");
  }

  @Test
  void callsTheLimitOfAnUpgradeAsItsVariable() {
    var failure = new Failure(Failure.Kind.UPGRADE_TIMEOUT, "silent");

    log.finished(
        FinishedRequests.of(FinishedRequests.toApp("app", AccessLevel.USER), 101, failure));

    assertThat(line().getFormattedMessage()).endsWith("error=TUNNEL_TIMEOUT: silent");
  }

  @Test
  void aClientThatLeavesIsNoWarning() {
    var failure = new Failure(Failure.Kind.CLIENT_GONE, "closed");

    log.finished(
        FinishedRequests.of(FinishedRequests.toApp("app", AccessLevel.USER), 200, failure));

    assertThat(line().getLevel()).isEqualTo(Level.INFO);
  }

  private ILoggingEvent line() {
    assertThat(lines.list).hasSize(1);
    return lines.list.get(0);
  }
}
