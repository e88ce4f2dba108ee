// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.operations.GatewayView;
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
import io.vertx.ext.web.handler.BodyHandler;
import java.net.InetAddress;
import java.util.Objects;
import java.util.Optional;

/**
 * The operator's entrance. Without a key it says whether the process is well and how much it does,
 * and proves to whoever sends a nonce that it has the same key ({@link Identity}); with the shared
 * key in {@code harp-shared-key} it shows its state, lets the doctor look, and lists and ends bans.
 * At {@code /} is a page for browsers that shows all of that, to whoever signs in with the key.
 *
 * <p>Has an event loop that carries nothing else: whatever comes here, ExApps' requests do not wait
 * for it, and whatever they bring, it says how the process is.
 */
public final class AdminEndpoint {

  private static final int IDLE_SECONDS = 120;
  private static final long TICK_MILLIS = 1_000;

  private final InsideGateway inside;
  private final WhyAnswers why;
  private final HttpServer server;
  private final Context context;
  private final Vertx vertx;
  private final Doorkeeper doorkeeper;
  private final LiveStatus live;
  private long ticker = -1;

  /** One that shows this gateway. */
  public AdminEndpoint(Vertx vertx, GatewayView gateway) {
    this.inside = new InsideGateway(gateway);
    this.why = new WhyAnswers(gateway);
    this.vertx = vertx;
    this.doorkeeper = new Doorkeeper(inside::accepts, Ticker.systemTicker());
    this.live = new LiveStatus(vertx, gateway.memory().traffic(), inside::status);
    var internal = (VertxInternal) vertx;
    this.context =
        internal.contextBuilder().withEventLoop(internal.acceptorEventLoopGroup().next()).build();
    var router = Router.router(vertx);
    router.route().handler(this::introduce).handler(StatusPage::protect);
    StatusPage.route(router);
    router
        .post("/sign-in")
        .handler(BodyHandler.create(false).setBodyLimit(Doorkeeper.MOST_SIGN_IN_BYTES))
        .handler(context -> doorkeeper.signIn(context, context.body().asString()));
    router.get("/session").handler(doorkeeper::showToken);
    router.post("/sign-out").handler(doorkeeper::requireKey).handler(doorkeeper::signOut);
    router.get("/events").handler(doorkeeper::requireKey).handler(this::showEvents);
    router.get("/heartbeat").handler(context -> Words.say(context, 200, "ok"));
    router.get("/ready").handler(this::showReady);
    router.get("/metrics").blockingHandler(this::showMetrics, false);
    keyed(router, "/status", context -> Words.json(context, inside.status()));
    keyed(router, "/routes", this::showRoutes);
    keyed(router, "/doctor", this::showExamination);
    keyed(
        router,
        "/bans",
        context -> Words.json(context, new JsonObject().put("bans", inside.bans())));
    router.get("/why").handler(doorkeeper::requireKey).handler(this::explain);
    router.delete("/bans").handler(doorkeeper::requireKey).blockingHandler(this::clearAll, false);
    router
        .delete("/bans/:address")
        .handler(doorkeeper::requireKey)
        .blockingHandler(this::clear, false);
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
          ticker = vertx.setPeriodic(TICK_MILLIS, timer -> live.tick());
          server
              .listen(address.port(), address.host())
              .map(HttpServer::actualPort)
              .onComplete(port);
        });
    return port.future();
  }

  private void keyed(Router router, String path, Handler<RoutingContext> handler) {
    router.get(path).handler(doorkeeper::requireKey).blockingHandler(handler, false);
  }

  private void showEvents(RoutingContext context) {
    var session = doorkeeper.session(context);
    live.open(context, () -> session.isEmpty() || doorkeeper.lasts(session.get()));
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
      Words.say(context, 200, "ready");
    } else {
      Words.say(context, 503, "not ready");
    }
  }

  private void showMetrics(RoutingContext context) {
    context
        .response()
        .putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8")
        .end(inside.metrics());
  }

  private void showRoutes(RoutingContext context) {
    var parameters = context.request().params();
    inside
        .routes(
            Objects.requireNonNullElse(parameters.get("nextcloud"), ""),
            Objects.requireNonNullElse(parameters.get("exapp"), ""))
        .ifPresentOrElse(
            routes -> Words.json(context, new JsonObject().put("routes", routes)),
            () -> Words.say(context, 404, "expected an ExApp that is known here as 'exapp'"));
  }

  private void showExamination(RoutingContext context) {
    var publicUrl = Optional.ofNullable(context.request().getParam("public_url"));
    Words.json(context, inside.examine(publicUrl).toJson());
  }

  private void explain(RoutingContext context) {
    var here = context.vertx().getOrCreateContext();
    try {
      why.answer(context.request().params())
          .onSuccess(answer -> here.runOnContext(go -> Words.json(context, answer)))
          .onFailure(failure -> here.runOnContext(go -> context.fail(failure)));
    } catch (IllegalArgumentException e) {
      Words.say(context, 400, String.valueOf(e.getMessage()));
    }
  }

  private void clearAll(RoutingContext context) {
    Words.json(context, new JsonObject().put("cleared", inside.clearBans(Optional.empty())));
  }

  private void clear(RoutingContext context) {
    var text = context.pathParam("address");
    InetAddress address = NetUtil.createInetAddressFromIpAddressString(text);
    if (address == null) {
      Words.say(context, 400, "'" + text + "': expected an IP address");
      return;
    }
    Words.json(context, new JsonObject().put("cleared", inside.clearBans(Optional.of(address))));
  }
}
