// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.demo;

import static io.github.harp.core.AccessLevel.ADMIN;
import static io.github.harp.core.AccessLevel.PUBLIC;
import static io.github.harp.core.AccessLevel.USER;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.Secret;
import io.github.harp.core.appapi.AppApiAuthorization;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An ExApp that shows what passes through HaRP: a page, an echo, server-sent events, a WebSocket,
 * uploads and downloads.
 */
final class SampleExApp {

  static final String ID = "demo";
  static final String VERSION = "1.0.0";

  private static final int LONGEST_CHAT_MESSAGE = 1000;
  private static final int ECHOED_BODY = 64 * 1024;

  private final Vertx vertx;
  private final String secret;
  private final HttpServer server;
  private final Set<ServerWebSocket> chatters = ConcurrentHashMap.newKeySet();

  /**
   * An app that does not listen yet.
   *
   * @param secret what Nextcloud and the app share; requests without it are refused
   * @param nextcloudPort where one logs in
   */
  SampleExApp(Vertx vertx, String secret, int nextcloudPort) {
    this.vertx = vertx;
    this.secret = secret;
    var router = Router.router(vertx);
    router
        .get("/heartbeat")
        .handler(context -> json(context, new JsonObject().put("status", "ok")));
    router.post("/init").handler(context -> json(context, new JsonObject()));
    router.put("/enabled").handler(context -> json(context, new JsonObject().put("error", "")));
    router.route().handler(this::requireSecret);
    router.get("/").handler(file("index.html", "text/html; charset=utf-8"));
    router.get("/static/app.css").handler(file("app.css", "text/css"));
    router.get("/static/app.js").handler(file("app.js", "text/javascript"));
    router
        .get("/api/me")
        .handler(
            context ->
                json(
                    context,
                    new JsonObject()
                        .put("user", credentials(context).user())
                        .put("nextcloudPort", nextcloudPort)));
    router.route("/api/echo").handler(SampleExApp::echo);
    router.get("/api/clock").handler(this::clock);
    router.get("/api/chat").handler(this::chat);
    router.put("/api/upload").handler(context -> new Upload(context).receive());
    router.get("/api/download").handler(context -> new Download(context).send());
    router.get("/admin").handler(SampleExApp::adminOnly);
    this.server =
        vertx
            .createHttpServer(new HttpServerOptions().setCompressionSupported(false))
            .requestHandler(router);
  }

  /** Listens on loopback; the port that it got. */
  Future<Integer> listen() {
    return server.listen(0, "127.0.0.1").map(HttpServer::actualPort);
  }

  /**
   * What Nextcloud knows of it.
   *
   * @param port its APP_PORT
   */
  ExApp known(int port) {
    return new ExApp(
        new AppId(ID),
        VERSION,
        new ExAppAddress("127.0.0.1", port),
        Secret.of(secret),
        RouteTable.of(
            List.of(
                route("^/$", PUBLIC),
                route("^/static/", PUBLIC),
                route("^/api/me$", PUBLIC),
                route("^/api/", USER),
                route("^/admin$", ADMIN))));
  }

  private static ExAppRoute route(String pattern, AccessLevel level) {
    return new ExAppRoute(pattern, level, Set.of(401));
  }

  private void requireSecret(RoutingContext context) {
    if (credentials(context).secret().equals(Secret.of(secret))) {
      context.next();
    } else {
      context.response().setStatusCode(401).end("This app talks to Nextcloud's gateway only\n");
    }
  }

  private static AppApiAuthorization credentials(RoutingContext context) {
    var header = context.request().getHeader(AppApiHeaders.AUTHORIZATION_APP_API);
    return new AppApiAuthorization(header == null ? "" : header);
  }

  private static void echo(RoutingContext context) {
    var request = context.request();
    request
        .body()
        .onSuccess(
            body -> {
              var headers = new JsonObject();
              request.headers().forEach((name, value) -> headers.put(shown(name), value));
              headers.remove(AppApiHeaders.AUTHORIZATION_APP_API.toString());
              headers.remove("cookie");
              json(
                  context,
                  new JsonObject()
                      .put("method", request.method().name())
                      .put("path", request.path())
                      .put("query", request.query())
                      .put("user", credentials(context).user())
                      .put("headers", headers)
                      .put("bytes", body.length())
                      .put("body", body.getString(0, Math.min(ECHOED_BODY, body.length()))));
            });
  }

  private static String shown(String header) {
    return header.toLowerCase(Locale.ROOT);
  }

  private void clock(RoutingContext context) {
    var response =
        context
            .response()
            .setChunked(true)
            .putHeader("content-type", "text/event-stream")
            .putHeader("cache-control", "no-store");
    response.write(tick());
    long timer = vertx.setPeriodic(1000, id -> response.write(tick()));
    response.closeHandler(closed -> vertx.cancelTimer(timer));
  }

  private static Buffer tick() {
    return Buffer.buffer(
        "event: tick\ndata: " + LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + "\n\n");
  }

  private void chat(RoutingContext context) {
    var user = credentials(context).user();
    context
        .request()
        .toWebSocket()
        .onSuccess(
            socket -> {
              chatters.add(socket);
              socket.closeHandler(closed -> chatters.remove(socket));
              socket.textMessageHandler(text -> tellAll(user, text));
              tellAll("", user + " has joined");
            });
  }

  private void tellAll(String from, String text) {
    var message =
        new JsonObject()
            .put("from", from)
            .put("text", text.substring(0, Math.min(LONGEST_CHAT_MESSAGE, text.length())))
            .encode();
    chatters.forEach(each -> each.writeTextMessage(message));
  }

  private static void adminOnly(RoutingContext context) {
    context
        .response()
        .putHeader("content-type", "text/plain; charset=utf-8")
        .end("Only administrators get here. You are " + credentials(context).user() + ".\n");
  }

  /** Out of memory: Vert.x would unpack the whole JAR to send one file of it. */
  private static Handler<RoutingContext> file(String name, String type) {
    var content = Buffer.buffer(resource(name));
    return context ->
        context
            .response()
            .putHeader("content-type", type)
            .putHeader("content-security-policy", "default-src 'self'")
            .putHeader("x-content-type-options", "nosniff")
            .end(content);
  }

  private static byte[] resource(String name) {
    try (var file = SampleExApp.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(file, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void json(RoutingContext context, JsonObject json) {
    context
        .response()
        .putHeader("content-type", "application/json; charset=utf-8")
        .end(json.toBuffer());
  }
}
