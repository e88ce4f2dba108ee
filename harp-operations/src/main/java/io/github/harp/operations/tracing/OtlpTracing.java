// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.tracing;

import io.github.harp.core.notice.Tracing;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends traces to a collector over OTLP, as the {@code OTEL_*} variables of OpenTelemetry say. What
 * the collector does not take in time is lost; nobody waits for it. Thread-safe.
 */
public final class OtlpTracing implements Tracing, AutoCloseable {

  private static final String EXPORTER = "OTEL_TRACES_EXPORTER";
  private static final String DISABLED = "OTEL_SDK_DISABLED";
  private static final List<String> WANTED =
      List.of(EXPORTER, "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "otel.service.name", "harp",
          "otel.exporter.otlp.protocol", "http/protobuf",
          "otel.metrics.exporter", "none",
          "otel.logs.exporter", "none");

  private static final long LAST_SECONDS = 2;

  private final OpenTelemetrySdk sdk;
  private final Tracer tracer;

  private OtlpTracing(OpenTelemetrySdk sdk, String version) {
    this.sdk = sdk;
    this.tracer = sdk.getTracer("io.github.harp", version);
  }

  /** Whether somebody wants traces who sets these variables. */
  public static boolean isWanted(Map<String, String> environment) {
    return !environment.getOrDefault(DISABLED, "").equalsIgnoreCase("true")
        && !environment.getOrDefault(EXPORTER, "").equals("none")
        && WANTED.stream().anyMatch(it -> !environment.getOrDefault(it, "").isBlank());
  }

  /**
   * Tells a collector from now on.
   *
   * @param environment the variables; others than those of OpenTelemetry are not looked at
   * @param version of the program
   * @throws IllegalArgumentException when they can't be meant; the message says which
   */
  public static OtlpTracing start(Map<String, String> environment, String version) {
    var said = new HashMap<>(DEFAULTS);
    environment.forEach(
        (name, value) -> {
          if (name.startsWith("OTEL_") && !value.isBlank()) {
            said.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value);
          }
        });
    try {
      return new OtlpTracing(
          AutoConfiguredOpenTelemetrySdk.builder()
              .disableShutdownHook()
              .addPropertiesCustomizer(properties -> said)
              .build()
              .getOpenTelemetrySdk(),
          version);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("OTEL_*: " + e.getMessage(), e);
    }
  }

  @Override
  public Step request(String method, String parent) {
    return step(method, SpanKind.SERVER, of(parent));
  }

  @Override
  public Step question(String name, @Nullable String parent) {
    return step(name, SpanKind.CLIENT, parent == null ? Context.current() : of(parent));
  }

  @Override
  public @Nullable String now() {
    var at = Span.current().getSpanContext();
    return at.isValid() ? traceparent(at) : null;
  }

  @Override
  public <T> Callable<T> elsewhere(Callable<T> work) {
    return Context.current().wrap(work);
  }

  private static String traceparent(SpanContext at) {
    return "00-" + at.getTraceId() + "-" + at.getSpanId() + "-" + at.getTraceFlags().asHex();
  }

  private static Context of(String parent) {
    return W3CTraceContextPropagator.getInstance().extract(Context.root(), parent, Given.PARENT);
  }

  /** What stands in the one header. */
  private enum Given implements TextMapGetter<String> {
    PARENT;

    @Override
    public Iterable<String> keys(String carrier) {
      return List.of(TRACEPARENT);
    }

    @Override
    public @Nullable String get(@Nullable String carrier, String key) {
      return key.equals(TRACEPARENT) ? carrier : null;
    }
  }

  private Step step(String name, SpanKind kind, Context parent) {
    return new SpanStep(
        tracer.spanBuilder(name).setSpanKind(kind).setParent(parent).startSpan(), parent);
  }

  private final class SpanStep implements Step {

    private final Span span;
    private final Context context;

    SpanStep(Span span, Context parent) {
      this.span = span;
      this.context = parent.with(span);
    }

    @Override
    public Step begin(String name) {
      return step(name, name.equals("decision") ? SpanKind.INTERNAL : SpanKind.CLIENT, context);
    }

    @Override
    public String traceparent() {
      return OtlpTracing.traceparent(span.getSpanContext());
    }

    @Override
    public <T> T during(Supplier<T> work) {
      try (var scope = context.makeCurrent()) {
        return work.get();
      }
    }

    @Override
    public void say(String name, String value) {
      span.setAttribute(name, value);
    }

    @Override
    public void failed(String why) {
      span.setStatus(StatusCode.ERROR, why);
    }

    @Override
    public void end() {
      span.end();
    }
  }

  /** Tells what is left to be told, for a short time. Blocks. */
  @Override
  public void close() {
    sdk.shutdown().join(LAST_SECONDS, TimeUnit.SECONDS);
  }
}
