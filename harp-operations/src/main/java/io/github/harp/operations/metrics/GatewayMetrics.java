// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.metrics;

import com.github.benmanes.caffeine.cache.stats.CacheStats;
import io.github.harp.core.ban.Failures;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * What a gateway holds at the moment it is asked: connections, bans, engines, what its caches are
 * good for, and the state of the JVM.
 */
public final class GatewayMetrics {

  private final MeterRegistry registry;

  public GatewayMetrics(MeterRegistry registry) {
    this.registry = registry;
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  public GatewayMetrics connections(IntSupplier open) {
    gauge("harp.connections", "Open client connections", open, IntSupplier::getAsInt);
    return this;
  }

  public GatewayMetrics webSockets(IntSupplier open) {
    gauge(
        "harp.websockets",
        "Open WebSockets and other upgraded connections",
        open,
        IntSupplier::getAsInt);
    return this;
  }

  /** What is kept for clients, and how many had to go for it. */
  public GatewayMetrics held(LongSupplier bytes, LongSupplier cutOff) {
    gauge(
        "harp.held.bytes",
        "Bytes kept for clients, or for ExApps, that do not take them",
        bytes,
        LongSupplier::getAsLong);
    FunctionCounter.builder("harp.clients.cut.off", cutOff, LongSupplier::getAsLong)
        .description("Clients cut off while memory was short")
        .register(registry);
    return this;
  }

  public GatewayMetrics exApps(IntSupplier known) {
    gauge("harp.exapps", "ExApps that are known without asking", known, IntSupplier::getAsInt);
    return this;
  }

  public GatewayMetrics engines(IntSupplier known) {
    gauge("harp.engines", "Container engines that are connected", known, IntSupplier::getAsInt);
    return this;
  }

  public GatewayMetrics bans(List<Failures> lists) {
    for (var list : lists) {
      Gauge.builder("harp.bans", list, Failures::banned)
          .description("Addresses that are banned")
          .tag("list", list.name())
          .strongReference(true)
          .register(registry);
    }
    return this;
  }

  /**
   * What a cache knew and what it had to ask for.
   *
   * @param name of what is kept in it
   */
  public GatewayMetrics cache(String name, Supplier<CacheStats> stats) {
    lookups(name, "hit", stats, CacheStats::hitCount);
    lookups(name, "miss", stats, CacheStats::missCount);
    return this;
  }

  private void lookups(
      String cache, String result, Supplier<CacheStats> stats, ToDoubleFunction<CacheStats> value) {
    FunctionCounter.builder("harp.cache.lookups", stats, it -> value.applyAsDouble(it.get()))
        .description("Questions answered from memory (hit), and those Nextcloud was asked (miss)")
        .tags("cache", cache, "result", result)
        .register(registry);
  }

  private <T> void gauge(String name, String description, T source, ToDoubleFunction<T> value) {
    Gauge.builder(name, source, value)
        .description(description)
        .strongReference(true)
        .register(registry);
  }
}
