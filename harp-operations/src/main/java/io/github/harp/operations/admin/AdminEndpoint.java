// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.operations.GatewayView;
import io.github.harp.operations.traffic.Traffic;
import io.netty.util.NetUtil;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.util.Optional;

/**
 * The operator's entrance. Without a key it says whether the process is well and how much it does,
 * and proves to whoever sends a nonce that it has the same key ({@link Identity}); with the shared
 * key in {@code harp-shared-key} it shows its state, lets the doctor look, and lists and ends bans.
 *
 * <p>Has an event loop that carries nothing else: whatever comes here, ExApps' requests do not wait
 * for it, and whatever they bring, it says how the process is.
 */
public final class AdminEndpoint {

  private static final String JSON = "application/json; charset=utf-8";
  private static final int IDLE_SECONDS = 120;
  private static final long TICK_MILLIS = 1_000;

  private final InsideGateway inside;
  private final WhyAnswers why;
  private final HttpServer server;
  private final Context context;
  private final Vertx vertx;
  private final Traffic traffic;
  private long ticker = -1;

  /** One that shows this gateway. */
  public AdminEndpoint(Vertx vertx, GatewayView gateway) {
    this.inside = new InsideGateway(gateway);
    this.why = new WhyAnswers(gateway);
    this.vertx = vertx;
    this.traffic = gateway.memory().traffic();
    var internal = (VertxInternal) vertx;
    this.context =
        internal.contextBuilder().withEventLoop(internal.acceptorEventLoopGroup().next()).build();
    var router = Router.router(vertx);
    router.route().handler(this::introduce);
    router.get("/heartbeat").handler(context -> word(context, 200, "ok"));
    router.get("/ready").handler(this::showReady);
    router.get("/metrics").blockingHandler(this::showMetrics, false);
    keyed(router, "/status", context -> json(context, inside.status()));
    keyed(router, "/doctor", this::showExamination);
    keyed(router, "/bans", context -> json(context, new JsonObject().put("bans", inside.bans())));
    router.get("/why").handler(this::requireKey).handler(this::explain);
    router.delete("/bans").handler(this::requireKey).blockingHandler(this::clearAll, false);
    router.delete("/bans/:address").handler(this::requireKey).blockingHandler(this::clear, false);
    this.server =
        vertx
            .createHttpServer(new HttpServerOptions().setIdleTimeout(IDLE_SECONDS))
            .requestHandler(router);
  }

  /** Listens; the port that it got. */
  public Future<Integer> listen(ListenAddress address) {
    Promise<Integer> port = Promise.promise();
    context.runOnContext(
        go -> {
          ticker = vertx.setPeriodic(TICK_MILLIS, timer -> traffic.tick());
          server
              .listen(address.port(), address.host())
              .map(HttpServer::actualPort)
              .onComplete(port);
        });
    return port.future();
  }

  private void keyed(Router router, String path, Handler<RoutingContext> handler) {
    router.get(path).handler(this::requireKey).blockingHandler(handler, false);
  }

  private void requireKey(RoutingContext context) {
    var key = context.request().getHeader(AppApiHeaders.HARP_SHARED_KEY);
    if (key != null && inside.accepts(key)) {
      context.next();
    } else {
      word(context, 401, "expected the shared key in the header harp-shared-key");
    }
  }

  /** Stops to listen. */
  public Future<Void> close() {
    vertx.cancelTimer(ticker);
    return server.close();
  }

  /** So that nobody takes another program's answer for ours. */
  private void introduce(RoutingContext context) {
    context.response().putHeader("server", "HaRP/" + inside.version());
    context.next();
  }

  private void showReady(RoutingContext context) {
    var nonce = context.request().getHeader(Identity.NONCE);
    if (nonce == null) {
      sayReady(context);
    } else {
      context
          .vertx()
          .executeBlocking(() -> inside.proof(nonce), false)
          .onSuccess(proof -> context.response().putHeader(Identity.PROOF, proof))
          .onComplete(done -> sayReady(context));
    }
  }

  private void sayReady(RoutingContext context) {
    if (inside.isReady()) {
      word(context, 200, "ready");
    } else {
      word(context, 503, "not ready");
    }
  }

  private void showMetrics(RoutingContext context) {
    context
        .response()
        .putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8")
        .end(inside.metrics());
  }

  private void showExamination(RoutingContext context) {
    var publicUrl = Optional.ofNullable(context.request().getParam("public_url"));
    json(context, inside.examine(publicUrl).toJson());
  }

  private void explain(RoutingContext context) {
    var here = context.vertx().getOrCreateContext();
    try {
      why.answer(context.request().params())
          .onSuccess(answer -> here.runOnContext(go -> json(context, answer)))
          .onFailure(failure -> here.runOnContext(go -> context.fail(failure)));
    } catch (IllegalArgumentException e) {
      word(context, 400, String.valueOf(e.getMessage()));
    }
  }

  private void clearAll(RoutingContext context) {
    json(context, new JsonObject().put("cleared", inside.clearBans(Optional.empty())));
  }

  private void clear(RoutingContext context) {
    var text = context.pathParam("address");
    InetAddress address = NetUtil.createInetAddressFromIpAddressString(text);
    if (address == null) {
      word(context, 400, "'" + text + "': expected an IP address");
      return;
    }
    json(context, new JsonObject().put("cleared", inside.clearBans(Optional.of(address))));
  }

  private static void json(RoutingContext context, JsonObject body) {
    context.response().putHeader("content-type", JSON).end(body.toBuffer());
  }

  private static void word(RoutingContext context, int status, String word) {
    context
        .response()
        .setStatusCode(status)
        .putHeader("content-type", JSON)
        .end(new JsonObject().put("status", word).toBuffer());
  }
}
