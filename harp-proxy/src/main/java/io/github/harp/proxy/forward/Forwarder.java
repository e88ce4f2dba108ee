// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward;

import io.github.harp.core.Upstream;
import io.github.harp.core.Upstreams;
import io.github.harp.core.access.Decision;
import io.github.harp.core.access.Gatekeeper;
import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Sends requests of one event loop on their way: to an ExApp or to a container engine. */
public final class Forwarder {

  private final Upstreams upstreams;
  private final Gatekeeper gatekeeper;
  private final LoopResources loop;

  public Forwarder(Upstreams upstreams, Gatekeeper gatekeeper, LoopResources loop) {
    this.upstreams = upstreams;
    this.gatekeeper = gatekeeper;
    this.loop = loop;
  }

  /** To an ExApp, with the headers that it knows the caller by. */
  public void forward(Exchange exchange, Decision.Forward decision) {
    var request = exchange.request();
    var allowed = loop.protocols().upgrades();
    var upgrade = RequestedUpgrade.takeFrom(request.protocolVersion(), request.headers(), allowed);
    if (upgrade == null && exchange.client().asksForUpgrade()) {
      refuseUpgrade(exchange);
      return;
    }
    ForwardedHeaders.toExApp(request, decision, upgrade);
    request.setUri(target(decision.path(), exchange.query()));
    new Forwarding(exchange, new ExAppOrigin(decision), loop, upgrade != null).start();
  }

  /** An upgrade that nobody here makes: as a plain request its answer would say that it is open. */
  public static void refuseUpgrade(Exchange exchange) {
    exchange.fail(
        501, new Failure(Kind.MALFORMED_REQUEST, "a protocol that is not passed on here"));
  }

  /** To a container engine, with nothing that tells who called. */
  public void forward(Exchange exchange, Decision.Engine decision, Upstream engine) {
    var request = exchange.request();
    ForwardedHeaders.toEngine(request);
    request.setUri(target(decision.path(), exchange.query()));
    var found = Future.succeededFuture(engine);
    new Forwarding(exchange, () -> found, loop, /* isUpgrade= */ false).start();
  }

  private static String target(String path, @Nullable String query) {
    return query == null ? path : path + "?" + query;
  }

  private final class ExAppOrigin implements Origin {

    private final Decision.Forward decision;

    ExAppOrigin(Decision.Forward decision) {
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
      gatekeeper.answered(decision, status);
    }
  }
}
