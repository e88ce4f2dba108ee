// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.demo;

import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.route.ExAppRoute;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What AppAPI answers to the two questions of HaRP: what an ExApp is, and who a caller is. The
 * demo, tests and benchmarks serve it. It knows what it was told. Thread-safe.
 */
public final class AppApiDouble implements Handler<HttpServerRequest> {

  /** AppAPI's end-points for HaRP. */
  public static final String PATH = "/index.php/apps/app_api/harp/";

  private static final String EXAPP = PATH + "exapp-meta?appId=";
  private static final String USER = PATH + "user-info?appId=";

  private final SharedKey key;
  private final Map<String, ExApp> exApps = new ConcurrentHashMap<>();
  private final Map<String, NcUser> sessions = new ConcurrentHashMap<>();

  /** An answer in JSON. */
  public record Answer(int status, JsonObject body) {

    private static Answer of(int status, String message) {
      return new Answer(status, new JsonObject().put("message", message));
    }
  }

  /**
   * @param key what HaRP has to show
   */
  public AppApiDouble(String key) {
    this.key = SharedKey.of(key);
  }

  /** Knows an ExApp from now on. */
  public AppApiDouble exApp(ExApp exApp) {
    exApps.put(exApp.id().text(), exApp);
    return this;
  }

  /**
   * Knows a session from now on; everybody else is anonymous.
   *
   * @param credential a cookie, {@code name=value}, or what stands in {@code Authorization}
   */
  public AppApiDouble session(String credential, NcUser user) {
    sessions.put(credential, user);
    return this;
  }

  /**
   * The answer to a question.
   *
   * @param target with its query
   * @param header the value of a header by its name in small letters; null when there is none
   */
  public Answer answer(String target, Function<String, @Nullable String> header) {
    var isKnown = key.matches(header.apply(AppApiHeaders.HARP_SHARED_KEY.toString()));
    if (target.startsWith(EXAPP)) {
      var id = URLDecoder.decode(target.substring(EXAPP.length()), StandardCharsets.UTF_8);
      return Optional.ofNullable(exApps.get(id))
          .filter(exApp -> isKnown)
          .map(exApp -> new Answer(200, described(exApp)))
          .orElseGet(() -> Answer.of(401, "ExApp not found"));
    }
    if (target.startsWith(USER)) {
      return isKnown ? new Answer(200, described(user(header))) : Answer.of(401, "Invalid request");
    }
    return Answer.of(404, "expected one of HaRP's questions");
  }

  @Override
  public void handle(HttpServerRequest request) {
    var answer = answer(request.uri(), request::getHeader);
    request
        .response()
        .setStatusCode(answer.status())
        .putHeader("content-type", "application/json; charset=utf-8")
        .end(answer.body().toBuffer());
  }

  private NcUser user(Function<String, @Nullable String> header) {
    return Stream.of("cookie", "authorization")
        .flatMap(name -> Stream.ofNullable(header.apply(name)))
        .flatMap(value -> Stream.of(value.split("; ?")))
        .flatMap(credential -> Stream.ofNullable(sessions.get(credential)))
        .findFirst()
        .orElse(NcUser.ANONYMOUS);
  }

  private static JsonObject described(NcUser user) {
    return new JsonObject().put("user_id", user.id()).put("access_level", user.level().number());
  }

  /** An ExApp as AppAPI describes it to HaRP. */
  public static JsonObject described(ExApp exApp) {
    var routes = exApp.routes().routes().stream().map(AppApiDouble::described).toList();
    return new JsonObject()
        .put("exapp_token", exApp.token().reveal())
        .put("exapp_version", exApp.version())
        .put("host", exApp.address().host())
        .put("port", exApp.address().port())
        .put("routes", new JsonArray(routes));
  }

  private static JsonObject described(ExAppRoute route) {
    return new JsonObject()
        .put("url", route.url())
        .put("access_level", route.level().number())
        .put("bruteforce_protection", new JsonArray(route.bruteForceStatuses().stream().toList()));
  }
}
