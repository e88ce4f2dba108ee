// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward;

import io.github.harp.core.decision.Decision;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.core.upstream.Upstreams;
import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.OwnPages;
import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.exchange.Exchange;
import io.github.harp.proxy.forward.connection.Origin;
import io.github.harp.proxy.forward.connection.UpstreamPool;
import io.github.harp.proxy.forward.head.ForwardedHeaders;
import io.github.harp.proxy.forward.head.RequestedUpgrade;
import io.github.harp.proxy.forward.pull.PullProgress;
import io.github.harp.proxy.forward.pull.RunningPulls;
import io.github.harp.proxy.loop.LoopResources;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Sends requests of one event loop on their way: to an ExApp or to a container engine. */
public final class Forwarder {

  private final Function<Instance, Upstreams> upstreams;
  private final Set<String> allowedUpgrades;
  private final UpstreamRemarks remarks;
  private final AtomicInteger upgrades;
  private final RunningPulls pulls;
  private final UpstreamPool pool;

  public Forwarder(
      Function<Instance, Upstreams> upstreams,
      HarpProxyOptions options,
      UpstreamRemarks remarks,
      AtomicInteger upgrades,
      RunningPulls pulls,
      LoopResources loop) {
    this.upstreams = upstreams;
    this.allowedUpgrades = options.protocols().upgrades();
    this.remarks = remarks;
    this.upgrades = upgrades;
    this.pulls = pulls;
    this.pool = new UpstreamPool(loop, options.limits().retries());
  }

  UpstreamRemarks remarks() {
    return remarks;
  }

  AtomicInteger upgrades() {
    return upgrades;
  }

  UpstreamPool pool() {
    return pool;
  }

  /** Closes idle connections to upstreams. */
  public void close() {
    pool.close();
  }

  /** To an ExApp, with the headers that it knows the caller by. */
  public void forward(Exchange exchange, Instance whose, Decision.Forward decision) {
    var request = exchange.request();
    var upgrade =
        RequestedUpgrade.takeFrom(request.protocolVersion(), request.headers(), allowedUpgrades);
    if (upgrade == null && exchange.stream().asksForUpgrade()) {
      refuseUpgrade(exchange);
      return;
    }
    ForwardedHeaders.toExApp(request, decision, upgrade, exchange.account().id());
    request.setUri(target(decision.path(), exchange.query()));
    new Forwarding(
            exchange, new ExAppOrigin(upstreams.apply(whose), decision), this, upgrade != null)
        .start();
  }

  /** An upgrade that nobody here makes: as a plain request its answer would say that it is open. */
  public static void refuseUpgrade(Exchange exchange) {
    exchange.fail(
        501, new Failure(Kind.MALFORMED_REQUEST, "a protocol that is not passed on here"));
  }

  /** To a container engine, with nothing that tells who called. */
  public void forward(Exchange exchange, Instance whose, Decision.EngineCall call) {
    var request = exchange.request();
    ForwardedHeaders.toEngine(request);
    request.setUri(target(call.path(), exchange.query()));
    var origin = new EngineOrigin(call.engine(), pulls.begin(exchange, whose, call));
    new Forwarding(exchange, origin, this, /* isUpgrade= */ false).start();
  }

  /** To pages of this process. */
  public void forward(Exchange exchange, Verdict verdict, String path, OwnPages pages) {
    var request = exchange.request();
    ForwardedHeaders.toOwnPages(request);
    pages.stamp(request.headers(), verdict);
    request.setUri(target(path, exchange.query()));
    new Forwarding(exchange, pages::server, this, /* isUpgrade= */ false).start();
  }

  private static String target(String path, @Nullable String query) {
    return query == null ? path : path + "?" + query;
  }

  private record EngineOrigin(Upstream engine, Optional<PullProgress> pull) implements Origin {

    @Override
    public Future<Upstream> locate() {
      return Future.succeededFuture(engine);
    }

    @Override
    public String step() {
      return "engine";
    }

    @Override
    public void passes(ByteBuf part) {
      pull.ifPresent(it -> it.passes(part));
    }
  }

  private static final class ExAppOrigin implements Origin {

    private final Upstreams upstreams;
    private final Decision.Forward decision;

    ExAppOrigin(Upstreams upstreams, Decision.Forward decision) {
      this.upstreams = upstreams;
      this.decision = decision;
    }

    @Override
    public Future<Upstream> locate() {
      return upstreams.locate(decision.exApp());
    }

    @Override
    public Patience patience() {
      return decision.signed() && decision.path().equals("/heartbeat")
          ? Patience.HEARTBEAT
          : Patience.USUAL;
    }

    @Override
    public void answered(int status) {
      if (decision.counted().isPresent()) {
        decision.counted().get().answered(status);
      }
    }
  }
}
