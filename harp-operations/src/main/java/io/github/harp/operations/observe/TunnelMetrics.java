// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.observe;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.server.TunnelListener;
import io.github.harp.tunnel.server.TunnelStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** What tunnels carry now and have carried so far, and how many clients were turned away. */
public final class TunnelMetrics implements TunnelListener {

  /** Longer than a scrape, shorter than what is between two. */
  private static final Duration TOGETHER = Duration.ofMillis(500);

  private final MeterRegistry registry;
  private final Ticker ticker;
  private final Counter refused;

  public TunnelMetrics(MeterRegistry registry, Ticker ticker) {
    this.registry = registry;
    this.ticker = ticker;
    this.refused =
        Counter.builder("harp.tunnel.refused")
            .description("Tunnel connections, logins and proxies that were refused")
            .register(registry);
  }

  @Override
  public void refused(InetSocketAddress address, RefusalCode code, String reason) {
    refused.increment();
  }

  /** Shows what a server says of itself, which is asked once for what is shown together. */
  public TunnelMetrics watch(Supplier<TunnelStatus> status) {
    LoadingCache<String, TunnelStatus> recent =
        Caffeine.newBuilder()
            .ticker(ticker)
            .expireAfterWrite(TOGETHER)
            .build(server -> status.get());
    Supplier<TunnelStatus> server = () -> recent.get("server");
    gauge(
        "harp.tunnel.sessions", "Tunnel clients logged in now", server, it -> it.sessions().size());
    gauge(
        "harp.tunnel.streams",
        "Tunnel connections in use now",
        server,
        it -> it.sessions().stream().mapToInt(TunnelStatus.Session::streams).sum());
    gauge(
        "harp.tunnel.held.bytes",
        "Bytes kept for slow readers of tunnels",
        server,
        TunnelStatus::heldBytes);
    counter(
        "harp.tunnel.logins",
        "Tunnel clients that logged in",
        server,
        it -> it.totals().sessions());
    counter(
        "harp.tunnel.streams.opened",
        "Tunnel connections opened",
        server,
        it -> it.totals().streams());
    counter(
        "harp.tunnel.received.bytes",
        "Payload from tunnel clients",
        server,
        it -> it.totals().bytesIn());
    counter(
        "harp.tunnel.sent.bytes",
        "Payload to tunnel clients",
        server,
        it -> it.totals().bytesOut());
    counter(
        "harp.tunnel.introductions",
        "Visitors and owners of services who were told of each other",
        server,
        it -> it.introductions().made());
    counter(
        "harp.tunnel.meetings",
        "Those who found each other and go straight since then",
        server,
        it -> it.introductions().met());
    return this;
  }

  private void gauge(
      String name,
      String description,
      Supplier<TunnelStatus> server,
      ToDoubleFunction<TunnelStatus> value) {
    Gauge.builder(name, server, it -> value.applyAsDouble(it.get()))
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  private void counter(
      String name,
      String description,
      Supplier<TunnelStatus> server,
      ToDoubleFunction<TunnelStatus> value) {
    FunctionCounter.builder(name, server, it -> value.applyAsDouble(it.get()))
        .description(description)
        .register(registry);
  }
}
