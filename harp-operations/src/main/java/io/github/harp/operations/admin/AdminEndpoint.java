// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.operations.GatewayView;
import io.github.harp.operations.admin.door.Administrator;
import io.github.harp.operations.admin.door.Doorkeeper;
import io.github.harp.operations.admin.door.Entrance;
import io.github.harp.operations.admin.door.Words;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.internal.VertxInternal;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
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

  private final InsideGateway inside;
  private final HttpServer server;
  private final Context context;
  private final PageRoutes page;

  /** One that shows this gateway. */
  public AdminEndpoint(Vertx vertx, GatewayView gateway) {
    this.inside = new InsideGateway(gateway);
    this.page =
        new PageRoutes(
            vertx, gateway, inside, new Doorkeeper(new OwnPort(), Ticker.systemTicker()));
    var internal = (VertxInternal) vertx;
    this.context =
        internal.contextBuilder().withEventLoop(internal.acceptorEventLoopGroup().next()).build();
    var router = Router.router(vertx);
    router
        .route()
        .handler(this::introduce)
        .handler(StatusPage::protect)
        .failureHandler(Words::failed);
    page.addTo(router);
    router.get("/heartbeat").handler(context -> Words.say(context, 200, "ok"));
    router.get("/ready").handler(this::showReady);
    router.get("/metrics").blockingHandler(this::showMetrics, false);
    this.server =
        vertx
            .createHttpServer(new HttpServerOptions().setIdleTimeout(IDLE_SECONDS))
            .requestHandler(router);
  }

  /** A port that is not public, where the operator's key is the only one. */
  private final class OwnPort implements Entrance {

    private static final String COOKIE = "harp-session";

    @Override
    public InetAddress client(RoutingContext context) {
      var literal = IpAddresses.parse(context.request().remoteAddress().hostAddress());
      return literal == null ? InetAddress.getLoopbackAddress() : literal;
    }

    @Override
    public Optional<Administrator> holder(RoutingContext context, String key) {
      return inside.accepts(key) ? Optional.of(Administrator.OPERATOR) : Optional.empty();
    }

    @Override
    public String cookie() {
      return COOKIE;
    }

    @Override
    public Cookie cookie(RoutingContext context, String id) {
      return Cookie.cookie(COOKIE, id).setPath("/").setSecure(context.request().isSSL());
    }
  }

  /** Listens; the port that it got. */
  public Future<Integer> listen(ListenAddress address) {
    Promise<Integer> port = Promise.promise();
    context.runOnContext(
        go -> {
          page.begin();
          server
              .listen(address.port(), address.host())
              .map(HttpServer::actualPort)
              .onComplete(port);
        });
    return port.future();
  }

  /** Stops to listen. */
  public Future<Void> close() {
    page.end();
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
          // Not with a listener of its own: of two the second may be called first.
          .map(proof -> context.response().putHeader(Identity.PROOF, proof))
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
}
