// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.reverseproxy;

import io.github.harp.launcher.gateway.Gateway;
import io.github.harp.launcher.gateway.TestSettings;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * A gateway whose Nextcloud is in the folder {@code /nextcloud}, and one public ExApp: it answers
 * with the target that it got, and with what that asks for beside: {@code headers} of 1 KiB, a
 * {@code hint} before, a {@code trailer} after, a {@code cut} in the middle, or a {@code silent}
 * stream.
 */
record GatewayOfFolder(Gateway gateway, HttpServer nextcloud, HttpServer exApp) {

  private static final String QUESTION = "/nextcloud/index.php/apps/app_api/harp/exapp-meta";
  static final String KEY = TestSettings.KEY;
  private static final int HEADER_BYTES = 1024;

  static Future<GatewayOfFolder> start(Vertx vertx, Path folder) {
    var exApp =
        vertx.createHttpServer().requestHandler(GatewayOfFolder::answer).listen(0, "127.0.0.1");
    return exApp.compose(
        app ->
            vertx
                .createHttpServer()
                .requestHandler(request -> describe(request, app.actualPort()))
                .listen(0, "127.0.0.1")
                .compose(
                    nextcloud ->
                        TestSettings.start(
                                environment(nextcloud.actualPort(), folder), folder, vertx)
                            .map(gateway -> new GatewayOfFolder(gateway, nextcloud, app))));
  }

  int port() {
    return gateway.addresses().get(0).getPort();
  }

  Future<Void> stop() {
    return gateway
        .stop(Duration.ZERO)
        .compose(done -> nextcloud.close())
        .compose(done -> exApp.close());
  }

  private static Map<String, String> environment(int nextcloudPort, Path folder) {
    var environment = TestSettings.in(folder);
    environment.putAll(
        Map.of(
            "HP_FRP_WEBSOCKET", "key",
            "NC_INSTANCE_URL", "http://127.0.0.1:" + nextcloudPort + "/nextcloud/index.php",
            "HP_ADMIN_ADDRESS", "off",
            "HP_TRUSTED_PROXY_IPS", "127.0.0.1",
            "HP_EARLY_HINTS", "true"));
    // Nothing here is silent for as long but what is meant to be.
    environment.put("HP_TIMEOUT_SERVER", "15s");
    environment.put("HP_TIMEOUT_TUNNEL", "1800s");
    return environment;
  }

  private static void describe(HttpServerRequest request, int exAppPort) {
    if (!request.path().equals(QUESTION)) {
      request.response().setStatusCode(404).end();
      return;
    }
    var everything =
        new JsonObject()
            .put("url", ".*")
            .put("access_level", 0)
            .put("bruteforce_protection", new JsonArray());
    request
        .response()
        .putHeader("content-type", "application/json")
        .end(
            new JsonObject()
                .put("exapp_token", "app-secret")
                .put("exapp_version", "1.0.0")
                .put("host", "127.0.0.1")
                .put("port", exAppPort)
                .put("routes", new JsonArray().add(everything))
                .encode());
  }

  private static void answer(HttpServerRequest request) {
    var hinted =
        request.params().contains("hint")
            ? request
                .response()
                .writeEarlyHints(MultiMap.caseInsensitiveMultiMap().add("link", "</style.css>"))
            : Future.<Void>succeededFuture();
    hinted.onSuccess(sent -> answerAtLast(request));
  }

  private static void answerAtLast(HttpServerRequest request) {
    var headers = request.getParam("headers", "0");
    for (int i = 0; i < Integer.parseInt(headers); i++) {
      var name = "x-header-" + i;
      request
          .response()
          .putHeader(name, "v".repeat(HEADER_BYTES - name.length() - ": \r\n".length()));
    }
    if (request.params().contains("cut")) {
      request
          .response()
          .setChunked(true)
          .write("half")
          .onSuccess(sent -> request.connection().close());
    } else if (request.params().contains("silent")) {
      request.response().setChunked(true).putHeader("content-type", "text/event-stream");
      request.response().write("data: once\n\n");
    } else if (request.params().contains("trailer")) {
      request.response().setChunked(true).putTrailer("x-trailer", "last").end(request.uri());
    } else {
      request.response().end(request.uri());
    }
  }
}
