// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.NextcloudContract;
import io.github.harp.core.testing.Wait;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The client over HTTP is held to what the stand-in of the core's tests is held to. */
class NextcloudClientContractTest extends NextcloudContract {

  private final Map<String, ExApp> exApps = new ConcurrentHashMap<>();
  private final Map<String, NcUser> users = new ConcurrentHashMap<>();
  private volatile boolean refusing;
  private volatile boolean out;
  private Vertx vertx;
  private NextcloudClient client;

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    var server = new StandInNextcloud(vertx);
    server.answers(this::answer);
    client = server.client(vertx);
  }

  @AfterEach
  void stop() {
    Wait.resultOf(vertx.close());
  }

  @Override
  protected Nextcloud nextcloud() {
    return client;
  }

  @Override
  protected void knows(ExApp exApp) {
    exApps.put(exApp.id().text(), exApp);
  }

  @Override
  protected void knows(String credential, NcUser user) {
    users.put(credential, user);
  }

  @Override
  protected void refusesUsers() {
    refusing = true;
  }

  @Override
  protected void isOut(boolean isOut) {
    out = isOut;
  }

  private void answer(HttpServerRequest request) {
    if (out) {
      answer(request, 500, new JsonObject());
    } else if (request.path().endsWith("/exapp-meta")) {
      var exApp = exApps.get(request.getParam("appId"));
      answer(
          request,
          exApp == null ? 404 : 200,
          exApp == null ? new JsonObject().put("message", "ExApp not found") : metadata(exApp));
    } else {
      var refusal = new JsonObject().put("message", "Login failed");
      answer(request, refusing ? 401 : 200, refusing ? refusal : user(request));
    }
  }

  private JsonObject user(HttpServerRequest request) {
    var shown = request.getHeader("cookie") + " " + request.getHeader("authorization");
    var user =
        users.entrySet().stream()
            .filter(it -> shown.contains(it.getKey()))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse(NcUser.ANONYMOUS);
    return new JsonObject().put("user_id", user.id()).put("access_level", user.level().number());
  }

  private static JsonObject metadata(ExApp exApp) {
    var routes = new JsonArray();
    for (var route : exApp.routes().routes()) {
      routes.add(
          new JsonObject()
              .put("url", route.url())
              .put("access_level", route.level().number())
              .put(
                  "bruteforce_protection",
                  new JsonArray(route.bruteForceStatuses().stream().toList())));
    }
    return new JsonObject()
        .put("exapp_token", exApp.token().reveal())
        .put("exapp_version", exApp.version())
        .put("host", exApp.address().host())
        .put("port", exApp.address().port())
        .put("routes", routes);
  }

  private static void answer(HttpServerRequest request, int status, JsonObject body) {
    request
        .response()
        .setStatusCode(status)
        .putHeader("content-type", "application/json; charset=utf-8")
        .end(body.encode());
  }
}
