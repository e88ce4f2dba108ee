// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.observe;

import io.github.harp.core.ban.BanList;
import io.github.harp.tunnel.TunnelStatus;
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
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * What a gateway holds at the moment it is asked: connections, tunnels, bans, engines, and the
 * state of the JVM.
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

  public GatewayMetrics exApps(IntSupplier known) {
    gauge("harp.exapps", "ExApps that are known without asking", known, IntSupplier::getAsInt);
    return this;
  }

  public GatewayMetrics engines(IntSupplier known) {
    gauge("harp.engines", "Container engines that are connected", known, IntSupplier::getAsInt);
    return this;
  }

  public GatewayMetrics bans(List<BanList> lists) {
    for (var list : lists) {
      Gauge.builder(
              "harp.bans", list, it -> it.entries().stream().filter(BanList.Entry::banned).count())
          .description("Addresses that are banned")
          .tag("list", list.name())
          .strongReference(true)
          .register(registry);
    }
    return this;
  }

  public GatewayMetrics tunnels(Supplier<TunnelStatus> status) {
    gauge("harp.tunnel.sessions", "Tunnel clients", status, it -> it.get().sessions().size());
    gauge(
        "harp.tunnel.streams",
        "Tunnel connections in use",
        status,
        it -> it.get().sessions().stream().mapToInt(TunnelStatus.Session::streams).sum());
    gauge(
        "harp.tunnel.received.bytes",
        "Payload from the tunnel clients connected now",
        status,
        it -> it.get().sessions().stream().mapToLong(TunnelStatus.Session::bytesIn).sum());
    gauge(
        "harp.tunnel.sent.bytes",
        "Payload to the tunnel clients connected now",
        status,
        it -> it.get().sessions().stream().mapToLong(TunnelStatus.Session::bytesOut).sum());
    gauge(
        "harp.tunnel.held.bytes",
        "Bytes kept for slow readers of tunnels",
        status,
        it -> it.get().heldBytes());
    return this;
  }

  private <T> void gauge(String name, String description, T source, ToDoubleFunction<T> value) {
    Gauge.builder(name, source, value)
        .description(description)
        .strongReference(true)
        .register(registry);
  }
}
