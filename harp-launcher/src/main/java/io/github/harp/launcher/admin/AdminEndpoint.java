// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.admin;

import io.github.harp.launcher.config.ListenAddress;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Says whether the process is well, without a key and without asking anybody else: it answers
 * nothing that is worth protecting and does nothing at all.
 */
public final class AdminEndpoint {

  private final BooleanSupplier ready;
  private final Supplier<String> metrics;
  private final HttpServer server;

  /**
   * @param ready whether all listeners are open
   * @param metrics in Prometheus' text format; asked on a worker thread
   */
  public AdminEndpoint(Vertx vertx, BooleanSupplier ready, Supplier<String> metrics) {
    this.ready = ready;
    this.metrics = metrics;
    var router = Router.router(vertx);
    router.get("/heartbeat").handler(context -> answer(context, 200, "ok"));
    router.get("/ready").handler(this::showReady);
    router.get("/metrics").blockingHandler(this::showMetrics, false);
    this.server =
        vertx.createHttpServer(new HttpServerOptions().setIdleTimeout(30)).requestHandler(router);
  }

  /** Listens; the port that it got. */
  public Future<Integer> listen(ListenAddress address) {
    return server.listen(address.port(), address.host()).map(HttpServer::actualPort);
  }

  private void showReady(RoutingContext context) {
    if (ready.getAsBoolean()) {
      answer(context, 200, "ready");
    } else {
      answer(context, 503, "not ready");
    }
  }

  private void showMetrics(RoutingContext context) {
    context
        .response()
        .putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8")
        .end(metrics.get());
  }

  private static void answer(RoutingContext context, int status, String word) {
    context
        .response()
        .setStatusCode(status)
        .putHeader("content-type", "application/json; charset=utf-8")
        .end(new JsonObject().put("status", word).toBuffer());
  }
}
