// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import io.github.harp.core.HarpException;
import io.github.harp.operations.GatewayView;
import io.github.harp.operations.admin.door.Administrator;
import io.github.harp.operations.admin.door.Doorkeeper;
import io.github.harp.operations.admin.door.Words;
import io.netty.util.NetUtil;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.net.InetAddress;
import java.util.Objects;
import java.util.Optional;

/** The status page at one entrance, and all that it asks for. Confined to its event loop. */
final class PageRoutes {

  private static final long TICK_MILLIS = 1_000;

  private final InsideGateway inside;
  private final Doorkeeper doorkeeper;
  private final WhyAnswers why;
  private final LiveStatus live;
  private final Vertx vertx;
  private long ticker = -1;

  PageRoutes(Vertx vertx, GatewayView gateway, InsideGateway inside, Doorkeeper doorkeeper) {
    this.vertx = vertx;
    this.inside = inside;
    this.doorkeeper = doorkeeper;
    this.why = new WhyAnswers(gateway, inside);
    this.live = new LiveStatus(vertx, gateway.memory().traffic(), inside);
  }

  void addTo(Router router) {
    StatusPage.route(router);
    router
        .post("/sign-in")
        .handler(BodyHandler.create(false).setBodyLimit(Doorkeeper.MOST_SIGN_IN_BYTES))
        .handler(context -> doorkeeper.signIn(context, context.body().asString()));
    router.get("/session").handler(doorkeeper::showToken);
    router.post("/sign-out").handler(doorkeeper::requireKey).handler(doorkeeper::signOut);
    router.get("/events").handler(doorkeeper::requireKey).handler(this::showEvents);
    keyed(router, "/status", context -> Words.json(context, inside.status(visitor(context))));
    keyed(router, "/routes", this::showRoutes);
    keyed(router, "/doctor", this::showExamination);
    keyed(router, "/bans", this::showBans);
    router.get("/why").handler(doorkeeper::requireKey).handler(this::explain);
    router.delete("/bans").handler(doorkeeper::requireKey).blockingHandler(this::clearAll, false);
    router
        .delete("/bans/:address")
        .handler(doorkeeper::requireKey)
        .blockingHandler(this::clear, false);
  }

  private void keyed(Router router, String path, Handler<RoutingContext> handler) {
    router.get(path).handler(doorkeeper::requireKey).blockingHandler(handler, false);
  }

  /** Pages that are open hear of what happens from now on. */
  void begin() {
    ticker = vertx.setPeriodic(TICK_MILLIS, timer -> live.tick());
  }

  void end() {
    vertx.cancelTimer(ticker);
  }

  private static Administrator visitor(RoutingContext context) {
    return Doorkeeper.visitor(context);
  }

  private void showEvents(RoutingContext context) {
    live.open(context, visitor(context), doorkeeper.lasting(context));
  }

  private void showRoutes(RoutingContext context) {
    var parameters = context.request().params();
    inside
        .routes(
            visitor(context),
            Objects.requireNonNullElse(parameters.get("nextcloud"), ""),
            Objects.requireNonNullElse(parameters.get("exapp"), ""))
        .ifPresentOrElse(
            routes -> Words.json(context, new JsonObject().put("routes", routes)),
            () -> Words.say(context, 404, "expected an ExApp that is known here as 'exapp'"));
  }

  /** What others are asked for is the operator's choice. */
  private void showExamination(RoutingContext context) {
    var visitor = visitor(context);
    if (!inside.seesAll(visitor)) {
      Words.say(context, 403, "the doctor looks at all Nextclouds: expected the shared key");
      return;
    }
    var publicUrl =
        Optional.ofNullable(context.request().getParam("public_url"))
            .filter(url -> visitor.isOperator());
    Words.json(context, inside.examine(publicUrl).toJson());
  }

  private void explain(RoutingContext context) {
    var here = context.vertx().getOrCreateContext();
    try {
      why.answer(context.request().params(), visitor(context))
          .onSuccess(answer -> here.runOnContext(go -> Words.json(context, answer)))
          .onFailure(failure -> here.runOnContext(go -> refuse(context, failure)));
    } catch (IllegalArgumentException e) {
      Words.say(context, 400, String.valueOf(e.getMessage()));
    }
  }

  private static void refuse(RoutingContext context, Throwable failure) {
    if (failure instanceof HarpException known) {
      Words.say(context, 403, HarpException.reasonOf(known));
    } else {
      context.fail(failure);
    }
  }

  private void showBans(RoutingContext context) {
    Words.json(context, new JsonObject().put("bans", inside.bans(visitor(context))));
  }

  private void clearAll(RoutingContext context) {
    clear(context, Optional.empty());
  }

  private void clear(RoutingContext context) {
    var text = context.pathParam("address");
    InetAddress address = NetUtil.createInetAddressFromIpAddressString(text);
    if (address == null) {
      Words.say(context, 400, "'" + text + "': expected an IP address");
      return;
    }
    clear(context, Optional.of(address));
  }

  private void clear(RoutingContext context, Optional<InetAddress> address) {
    var cleared = inside.clearBans(visitor(context), address);
    Words.json(context, new JsonObject().put("cleared", cleared));
  }
}
