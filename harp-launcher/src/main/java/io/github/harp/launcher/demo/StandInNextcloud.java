// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.demo;

import io.github.harp.core.ExApp;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.IntSupplier;

/**
 * As much of Nextcloud as HaRP and a browser need: a way to log in, and AppAPI's two end-points for
 * HaRP. Cookies don't know ports, so a session of this server is one at HaRP, too.
 */
final class StandInNextcloud {

  /** The cookie by whose presence HaRP knows that there is a session to ask about. */
  private static final String PASSPHRASE = "oc_sessionPassphrase";

  private static final String SESSION = "nc_session";

  private final AppApiDouble appApi;
  private final IntSupplier gatewayPort;
  private final HttpServer server;

  /**
   * A stand-in that does not listen yet.
   *
   * @param gatewayPort where HaRP listens, asked when somebody has logged in
   */
  StandInNextcloud(Vertx vertx, String sharedKey, IntSupplier gatewayPort) {
    this.appApi = new AppApiDouble(sharedKey);
    for (var user : DemoUser.values()) {
      appApi.session(SESSION + "=" + user.session(), user.user());
    }
    this.gatewayPort = gatewayPort;
    var router = Router.router(vertx);
    router.get("/").handler(this::redirectToApp);
    router.get("/login/:user").handler(this::logIn);
    router.get("/logout").handler(this::logOut);
    router.get(AppApiDouble.PATH + "*").handler(context -> appApi.handle(context.request()));
    this.server = vertx.createHttpServer().requestHandler(router);
  }

  /** Listens on loopback; the port that it got. */
  Future<Integer> listen(int port) {
    return server.listen(port, "127.0.0.1").map(HttpServer::actualPort);
  }

  /** Knows an ExApp from now on. */
  void register(ExApp exApp) {
    appApi.exApp(exApp);
  }

  private void logIn(RoutingContext context) {
    var user = DemoUser.withId(context.pathParam("user"));
    if (user.isEmpty()) {
      context.response().setStatusCode(404).end("No such user: expected alice or admin\n");
      return;
    }
    setCookie(context, SESSION, user.get().session());
    setCookie(context, PASSPHRASE, "passphrase-of-" + user.get().user().id());
    redirectToApp(context);
  }

  private void logOut(RoutingContext context) {
    setCookie(context, SESSION, "");
    setCookie(context, PASSPHRASE, "");
    redirectToApp(context);
  }

  private void redirectToApp(RoutingContext context) {
    var host =
        context.request().authority() == null ? "127.0.0.1" : context.request().authority().host();
    context
        .response()
        .setStatusCode(303)
        .putHeader("location", "http://" + host + ":" + gatewayPort.getAsInt() + "/exapps/demo/")
        .end();
  }

  private static void setCookie(RoutingContext context, String name, String value) {
    var cookie =
        Cookie.cookie(name, value).setPath("/").setHttpOnly(true).setSameSite(CookieSameSite.LAX);
    context.response().addCookie(value.isEmpty() ? cookie.setMaxAge(0) : cookie);
  }
}
