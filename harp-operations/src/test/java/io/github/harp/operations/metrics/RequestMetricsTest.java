// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.decision.Reason;
import io.github.harp.operations.observe.FinishedRequests;
import io.github.harp.operations.observe.RequestObserverContract;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.RequestRecord.Failure;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RequestMetricsTest extends RequestObserverContract {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final RequestMetrics metrics = new RequestMetrics(registry, false);

  @Override
  protected RequestObserver observer() {
    return metrics;
  }

  @Test
  void countsByAppDecisionAndClassOfStatus() {
    metrics.finished(
        FinishedRequests.of(FinishedRequests.toApp("app", AccessLevel.USER), 200, null));
    metrics.finished(
        FinishedRequests.of(FinishedRequests.toApp("app", AccessLevel.USER), 204, null));

    var timer =
        registry
            .get("harp.requests")
            .tags("app", "app", "decision", "forward", "reason", "ROUTE_ALLOWED", "status", "2xx")
            .timer();
    assertThat(timer.count()).isEqualTo(2);
    assertThat(registry.get("harp.response.bytes").counter().count()).isEqualTo(4_000);
  }

  @Test
  void aPathThatAClientInventsIsNoLabel() {
    for (var i = 0; i < 100; i++) {
      var refusal = FinishedRequests.refused(404, Reason.UNKNOWN_EXAPP, true);
      metrics.finished(FinishedRequests.of(refusal, 404, null));
    }

    assertThat(registry.find("harp.requests").timers()).hasSize(1);
  }

  @Test
  void theNumberOfSeriesHasALimit() {
    for (var i = 0; i < 10_100; i++) {
      var forward = FinishedRequests.toApp("app" + i, AccessLevel.USER);
      metrics.finished(FinishedRequests.of(forward, 200, null));
    }

    assertThat(registry.find("harp.requests").timers()).hasSizeLessThanOrEqualTo(10_001);
    assertThat(registry.get("harp.requests").tag("app", "other").timer().count()).isEqualTo(100);
  }

  @Test
  void countsErrorsByKind() {
    var failure = new Failure(Failure.Kind.CONNECT_FAILED, "connection refused");

    metrics.finished(
        FinishedRequests.of(FinishedRequests.toApp("app", AccessLevel.USER), 503, failure));

    assertThat(registry.get("harp.request.errors").tag("kind", "CONNECT_FAILED").counter().count())
        .isEqualTo(1);
  }

  @Test
  @DisplayName("the limit of an upgrade is called as its variable is, HP_TIMEOUT_TUNNEL")
  void keepsTheNameOfTheLimitOfAnUpgrade() {
    var failure = new Failure(Failure.Kind.UPGRADE_TIMEOUT, "silent");

    metrics.finished(
        FinishedRequests.of(FinishedRequests.toApp("app", AccessLevel.USER), 101, failure));

    assertThat(registry.get("harp.request.errors").tag("kind", "TUNNEL_TIMEOUT").counter().count())
        .isEqualTo(1);
  }
}
