// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.metrics;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * What something says of itself, in several meters: it is asked once for what is shown together.
 *
 * @param <T> what it says
 */
final class Watched<T> {

  /** Longer than a scrape, shorter than what is between two. */
  private static final Duration TOGETHER = Duration.ofMillis(500);

  private static final String IT = "it";

  private final MeterRegistry registry;
  private final LoadingCache<String, T> recent;

  Watched(MeterRegistry registry, Ticker ticker, Supplier<T> status) {
    this.registry = registry;
    this.recent =
        Caffeine.newBuilder().ticker(ticker).expireAfterWrite(TOGETHER).build(it -> status.get());
  }

  Watched<T> gauge(String name, String description, ToDoubleFunction<T> value) {
    return gauge(name, description, Tags.empty(), value);
  }

  Watched<T> gauge(String name, String description, Tags tags, ToDoubleFunction<T> value) {
    Gauge.builder(name, recent, it -> value.applyAsDouble(it.get(IT)))
        .description(description)
        .tags(tags)
        .strongReference(true)
        .register(registry);
    return this;
  }

  Watched<T> counter(String name, String description, ToDoubleFunction<T> value) {
    return counter(name, description, Tags.empty(), value);
  }

  Watched<T> counter(String name, String description, Tags tags, ToDoubleFunction<T> value) {
    FunctionCounter.builder(name, recent, it -> value.applyAsDouble(it.get(IT)))
        .description(description)
        .tags(tags)
        .register(registry);
    return this;
  }
}
