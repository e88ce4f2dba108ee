// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.metrics;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.notice.Tracing;
import io.github.harp.core.runtime.orders.OrderObserver;
import io.github.harp.core.runtime.orders.OrderRecord;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Optional;

/** Counts and times what container engines are told to do, by how it ends. */
public final class EngineMetrics implements OrderObserver {

  private final MeterRegistry registry;
  private final Tags whose;
  private final Tracing tracing;

  /**
   * @param nextcloud whose orders these are; empty where there is only one whose they could be
   * @param tracing of them
   */
  public EngineMetrics(MeterRegistry registry, Optional<String> nextcloud, Tracing tracing) {
    this.registry = registry;
    this.whose = nextcloud.map(name -> Tags.of("nextcloud", name)).orElse(Tags.empty());
    this.tracing = tracing;
  }

  @Override
  public Tracing tracing() {
    return tracing;
  }

  @Override
  public void finished(OrderRecord order) {
    Timer.builder("harp.engine.calls")
        .description("What container engines were told to do, from the order until its end")
        .tags("engine", order.place().fold(EngineNumber::toString, () -> "cluster"))
        .tags(whose)
        .tags("call", order.kind().name())
        .tags("outcome", order.failure().map(Enum::name).orElse("DONE"))
        .serviceLevelObjectives(
            Duration.ofMillis(100),
            Duration.ofMillis(500),
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60))
        .register(registry)
        .record(order.took());
  }
}
