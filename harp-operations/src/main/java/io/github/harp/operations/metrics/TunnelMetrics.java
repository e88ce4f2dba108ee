// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.metrics;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.server.TunnelListener;
import io.github.harp.tunnel.server.TunnelStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetSocketAddress;
import java.util.function.Supplier;

/** What tunnels carry now and have carried so far, and how many clients were turned away. */
public final class TunnelMetrics implements TunnelListener {

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
    new Watched<>(registry, ticker, status)
        .gauge("harp.tunnel.sessions", "Tunnel clients logged in now", it -> it.sessions().size())
        .gauge(
            "harp.tunnel.sessions.quic",
            "Tunnel clients logged in now over QUIC",
            it -> it.sessions().stream().filter(TunnelStatus.Session::isOverQuic).count())
        .gauge(
            "harp.tunnel.streams",
            "Tunnel connections in use now",
            it -> it.sessions().stream().mapToInt(TunnelStatus.Session::streams).sum())
        .gauge(
            "harp.tunnel.held.bytes",
            "Bytes kept for slow readers of tunnels",
            TunnelStatus::heldBytes)
        .counter(
            "harp.tunnel.logins", "Tunnel clients that logged in", it -> it.totals().sessions())
        .counter(
            "harp.tunnel.streams.opened", "Tunnel connections opened", it -> it.totals().streams())
        .counter(
            "harp.tunnel.received.bytes",
            "Payload from tunnel clients",
            it -> it.totals().bytesIn())
        .counter(
            "harp.tunnel.sent.bytes", "Payload to tunnel clients", it -> it.totals().bytesOut())
        .counter(
            "harp.tunnel.introductions",
            "Visitors and owners of services who were told of each other",
            it -> it.introductions().made())
        .counter(
            "harp.tunnel.meetings",
            "Those who found each other and go straight since then",
            it -> it.introductions().met())
        .counter(
            "harp.tunnel.meetings.missed",
            "Those who could not find each other; the status says why",
            it -> it.introductions().missed())
        .counter(
            "harp.tunnel.visits.relayed",
            "Connections to services for visitors whose bytes pass here",
            it -> it.introductions().relayed());
    return this;
  }
}
