// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.testing;

import io.github.harp.core.Secret;
import io.github.harp.kubernetes.config.ClusterSettings;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** An API server that says what a test wants it to, for what a real one can't be brought to. */
public final class ScriptedApi implements AutoCloseable {

  private final HttpServer server;

  /** {@code GET /path} each. */
  public final List<String> requests = new CopyOnWriteArrayList<>();

  public final List<String> authorizations = new CopyOnWriteArrayList<>();
  public volatile Consumer<HttpServerRequest> answers = request -> status(request, 404, "NotFound");

  public ScriptedApi(Vertx vertx) {
    this.server =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  requests.add(request.method() + " " + request.path());
                  authorizations.add(String.valueOf(request.getHeader("authorization")));
                  answers.accept(request);
                })
            .listen(0, "127.0.0.1")
            .await();
  }

  /** An answer as the API server refuses. */
  public static void status(HttpServerRequest request, int code, String reason) {
    json(
        request,
        code,
        new JsonObject()
            .put("kind", "Status")
            .put("apiVersion", "v1")
            .put("status", "Failure")
            .put("code", code)
            .put("reason", reason)
            .put("message", "because of " + reason));
  }

  public static void json(HttpServerRequest request, int code, JsonObject body) {
    request
        .response()
        .setStatusCode(code)
        .putHeader("content-type", "application/json")
        .end(body.encode());
  }

  public String url() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  public ClusterSettings settings() {
    return settings(new ClusterSettings.Token(Optional.of(Secret.of("t0")), Path.of("/none")));
  }

  public ClusterSettings settings(ClusterSettings.Token token) {
    return new ClusterSettings(
        Optional.of(url()),
        "exapps",
        token,
        Path.of("/none"),
        true,
        new ClusterSettings.Standards(Optional.empty(), "10Mi", List.of(), false, List.of()));
  }

  @Override
  public void close() {
    server.close().await();
  }
}
