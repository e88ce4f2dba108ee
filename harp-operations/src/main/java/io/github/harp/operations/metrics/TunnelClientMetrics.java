// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.metrics;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.tunnel.client.TunnelClientStatus;
import io.github.harp.tunnel.client.TunnelClientStatus.Proxy;
import io.github.harp.tunnel.client.TunnelClientStatus.State;
import io.github.harp.tunnel.client.TunnelClientStatus.Visitor;
import io.github.harp.tunnel.client.TunnelClientStatus.Went;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** What a tunnel client does, and which way the bytes of its users go. */
public final class TunnelClientMetrics {

  private final Watched<TunnelClientStatus> watched;

  private TunnelClientMetrics(Watched<TunnelClientStatus> watched) {
    this.watched = watched;
  }

  /** Of a client whose proxies and visitors are known and stay the same. */
  public static void show(
      Supplier<TunnelClientStatus> status, MeterRegistry registry, Ticker ticker) {
    var watched = new Watched<>(registry, ticker, status);
    watched
        .gauge(
            "harp.tunnel.client.connected",
            "Whether it is logged in",
            it -> it.state() == State.CONNECTED ? 1 : 0)
        .counter("harp.tunnel.client.logins", "How often it has logged in", it -> it.logins());
    var metrics = new TunnelClientMetrics(watched);
    status.get().proxies().forEach(proxy -> metrics.proxy(proxy.name()));
    status.get().visitors().forEach(visitor -> metrics.visitor(visitor.name()));
  }

  private void proxy(String name) {
    var tags = Tags.of("proxy", name);
    Predicate<Proxy> named = proxy -> proxy.name().equals(name);
    watched.counter(
        "harp.tunnel.client.users",
        "Users that came to a service, whichever way",
        tags,
        of(TunnelClientStatus::proxies, named, Proxy::connections));
    watched.counter(
        "harp.tunnel.client.visitors",
        "Visitors that came to a service straight",
        tags,
        of(TunnelClientStatus::proxies, named, proxy -> proxy.straight().came()));
    watched.counter(
        "harp.tunnel.client.visitors.missed",
        "Visitors that were announced, and could not be met",
        tags,
        of(TunnelClientStatus::proxies, named, proxy -> proxy.straight().missed()));
  }

  private void visitor(String name) {
    var tags = Tags.of("visitor", name);
    Predicate<Visitor> named = visitor -> visitor.name().equals(name);
    watched.gauge(
        "harp.tunnel.visitor.straight",
        "Whether there is a straight way now",
        tags,
        of(TunnelClientStatus::visitors, named, it -> it.whyNotStraight().isEmpty() ? 1 : 0));
    way(tags.and("way", "straight"), named, Visitor::straight);
    way(tags.and("way", "relayed"), named, Visitor::relayed);
    watched.counter(
        "harp.tunnel.visitor.failed",
        "Users who found no way",
        tags,
        of(TunnelClientStatus::visitors, named, Visitor::failed));
  }

  private void way(Tags tags, Predicate<Visitor> named, Function<Visitor, Went> way) {
    watched.counter(
        "harp.tunnel.visitor.users",
        "Users who went to another client's service",
        tags,
        of(TunnelClientStatus::visitors, named, visitor -> way.apply(visitor).users()));
    watched.counter(
        "harp.tunnel.visitor.bytes",
        "Their bytes, in both directions",
        tags,
        of(TunnelClientStatus::visitors, named, visitor -> way.apply(visitor).bytes()));
  }

  private static <P> ToDoubleFunction<TunnelClientStatus> of(
      Function<TunnelClientStatus, List<P>> all, Predicate<P> named, ToDoubleFunction<P> value) {
    return status ->
        all.apply(status).stream().filter(named).findFirst().stream().mapToDouble(value).sum();
  }
}
