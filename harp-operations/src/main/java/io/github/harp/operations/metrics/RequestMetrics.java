// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.metrics;

import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.RequestRecord;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts and times requests by app, decision and class of status. Only apps that Nextcloud knows
 * become labels, and no more than ten thousand series, so that a client can't fill the memory with
 * invented ones.
 */
public final class RequestMetrics implements RequestObserver {

  private static final int MAX_SERIES = 10_000;
  private static final String NONE = "";

  private final MeterRegistry registry;
  private final boolean several;
  private final ConcurrentHashMap<Series, Meters> meters = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<RequestRecord.Failure.Kind, Counter> errors =
      new ConcurrentHashMap<>();

  private record Series(
      String nextcloud, String app, String decision, String reason, int statusClass) {}

  private record Meters(Timer total, Counter bytesIn, Counter bytesOut) {}

  /**
   * @param several whether series say of which of several Nextclouds they are
   */
  public RequestMetrics(MeterRegistry registry, boolean several) {
    this.registry = registry;
    this.several = several;
  }

  @Override
  public void finished(RequestRecord request) {
    var of = meters(series(request));
    of.total.record(request.total());
    of.bytesIn.increment(request.bytesIn());
    of.bytesOut.increment(request.bytesOut());
    if (request.failure() != null) {
      errors.computeIfAbsent(request.failure().kind(), this::errorCounter).increment();
    }
  }

  private static Series series(RequestRecord request) {
    var verdict = request.verdict();
    int statusClass = request.status() / 100;
    if (verdict == null) {
      return new Series(NONE, NONE, "none", "NONE", statusClass);
    }
    var app = verdict.decision().forward().map(forward -> forward.exApp().id().text()).orElse(NONE);
    return new Series(
        verdict.instance().name().text(),
        app,
        verdict.decision().label(),
        verdict.reason().name(),
        statusClass);
  }

  private Meters meters(Series series) {
    var known = meters.get(series);
    if (known != null) {
      return known;
    }
    var admitted =
        meters.size() < MAX_SERIES
            ? series
            : new Series(
                series.nextcloud, "other", series.decision, series.reason, series.statusClass);
    return meters.computeIfAbsent(admitted, this::register);
  }

  private Meters register(Series series) {
    var status = series.statusClass == 0 ? "none" : series.statusClass + "xx";
    var ofEach =
        Tags.of("app", series.app, "decision", series.decision)
            .and("reason", series.reason, "status", status);
    var tags = several ? ofEach.and("nextcloud", series.nextcloud) : ofEach;
    return new Meters(
        Timer.builder("harp.requests")
            .description("Finished requests and how long they took; upgraded ones until their end")
            .tags(tags)
            .serviceLevelObjectives(
                Duration.ofMillis(5),
                Duration.ofMillis(25),
                Duration.ofMillis(100),
                Duration.ofMillis(500),
                Duration.ofSeconds(2),
                Duration.ofSeconds(10))
            .register(registry),
        Counter.builder("harp.request.bytes")
            .description("Bytes of request bodies")
            .tags(tags)
            .register(registry),
        Counter.builder("harp.response.bytes")
            .description("Bytes of answers' bodies")
            .tags(tags)
            .register(registry));
  }

  private Counter errorCounter(RequestRecord.Failure.Kind kind) {
    return Counter.builder("harp.request.errors")
        .description("Requests that went wrong after they were decided, or before they could be")
        .tag("kind", kind.toString())
        .register(registry);
  }
}
