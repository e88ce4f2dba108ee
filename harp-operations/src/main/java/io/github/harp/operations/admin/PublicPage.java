// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.operations.GatewayView;
import io.github.harp.operations.admin.door.Doorkeeper;
import io.github.harp.operations.admin.door.PublicEntrance;
import io.github.harp.operations.admin.door.Words;
import io.github.harp.proxy.OwnPages;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.internal.VertxInternal;
import io.vertx.ext.web.Router;

/**
 * The status page at the public name, for whoever signs in with the shared key or is an
 * administrator of the Nextcloud there, who sees what is that one's. Lives on an event loop of
 * requests: who comes in crowds does not keep the {@link AdminEndpoint} from saying how the process
 * is.
 */
public final class PublicPage {

  private static final int IDLE_SECONDS = 120;

  private final OwnPages pages;
  private final PageRoutes routes;
  private final HttpServer server;
  private final Context context;

  /** One that shows this gateway, which passes on what comes for these pages. */
  public PublicPage(Vertx vertx, GatewayView gateway, OwnPages pages) {
    this.pages = pages;
    var entrance = new PublicEntrance(gateway, pages);
    this.routes =
        new PageRoutes(
            vertx,
            gateway,
            new InsideGateway(gateway),
            new Doorkeeper(entrance, Ticker.systemTicker()));
    var internal = (VertxInternal) vertx;
    this.context =
        internal.contextBuilder().withEventLoop(internal.nettyEventLoopGroup().next()).build();
    var router = Router.router(vertx);
    router
        .route()
        .handler(StatusPage::protect)
        .handler(
            context -> {
              context.response().putHeader("x-robots-tag", "noindex");
              context.next();
            })
        .handler(entrance::admit)
        .failureHandler(Words::failed);
    routes.addTo(router);
    this.server =
        vertx
            .createHttpServer(new HttpServerOptions().setIdleTimeout(IDLE_SECONDS))
            .requestHandler(router);
  }

  /** Waits for what the gateway passes on. */
  public Future<Void> open() {
    Promise<Void> open = Promise.promise();
    context.runOnContext(
        go -> {
          routes.begin();
          server
              .listen(0, "127.0.0.1")
              .onSuccess(listening -> pages.areAt(listening.actualPort()))
              .<Void>mapEmpty()
              .onComplete(open);
        });
    return open.future();
  }

  public Future<Void> close() {
    routes.end();
    return server.close();
  }
}
