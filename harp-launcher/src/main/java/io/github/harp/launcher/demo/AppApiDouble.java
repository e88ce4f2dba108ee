// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.demo;

import io.github.harp.core.NcUser;
import io.github.harp.core.key.SharedKey;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What AppAPI answers to the two questions of HaRP: what an ExApp is, and who a caller is. It knows
 * what it was told, and brings no server with it: the demo, tests and benchmarks each have their
 * own. Thread-safe.
 */
public final class AppApiDouble {

  /** AppAPI's end-points for HaRP. */
  public static final String PATH = "/index.php/apps/app_api/harp/";

  private static final String EXAPP = PATH + "exapp-meta?appId=";
  private static final String USER = PATH + "user-info?appId=";

  private final SharedKey key;
  private final Map<String, JsonObject> exApps = new ConcurrentHashMap<>();
  private final Map<String, NcUser> sessions = new ConcurrentHashMap<>();

  /** An answer in JSON. */
  public record Answer(int status, JsonObject body) {

    private static Answer unauthorized(String message) {
      return new Answer(401, new JsonObject().put("message", message));
    }
  }

  /**
   * @param key what HaRP has to show
   */
  public AppApiDouble(String key) {
    this.key = SharedKey.of(key);
  }

  /**
   * Knows an ExApp from now on.
   *
   * @param metadata see {@link #metadata}
   */
  public AppApiDouble exApp(String id, JsonObject metadata) {
    exApps.put(id, metadata);
    return this;
  }

  /**
   * Knows a session from now on; everybody else is anonymous.
   *
   * @param cookie {@code name=value}
   */
  public AppApiDouble session(String cookie, NcUser user) {
    sessions.put(cookie, user);
    return this;
  }

  /**
   * The answer to a question, empty for anything else.
   *
   * @param target with its query
   * @param shownKey of the header {@code harp-shared-key}
   * @param cookies of the header {@code cookie}
   */
  public Optional<Answer> answer(
      String target, @Nullable String shownKey, @Nullable String cookies) {
    if (target.startsWith(EXAPP)) {
      var exApp =
          exApps.get(URLDecoder.decode(target.substring(EXAPP.length()), StandardCharsets.UTF_8));
      return Optional.of(
          exApp == null || !key.matches(shownKey)
              ? Answer.unauthorized("ExApp not found")
              : new Answer(200, exApp));
    }
    if (target.startsWith(USER)) {
      return Optional.of(
          key.matches(shownKey)
              ? new Answer(200, described(user(cookies == null ? "" : cookies)))
              : Answer.unauthorized("Invalid request"));
    }
    return Optional.empty();
  }

  private NcUser user(String cookies) {
    return List.of(cookies.split("; ?")).stream()
        .filter(sessions::containsKey)
        .findFirst()
        .map(sessions::get)
        .orElse(NcUser.ANONYMOUS);
  }

  private static JsonObject described(NcUser user) {
    return new JsonObject().put("user_id", user.id()).put("access_level", user.level().number());
  }

  /** An ExApp on this host as AppAPI describes it to HaRP. */
  public static JsonObject metadata(
      String token, String version, int port, List<JsonObject> routes) {
    return new JsonObject()
        .put("exapp_token", token)
        .put("exapp_version", version)
        .put("host", "127.0.0.1")
        .put("port", port)
        .put("routes", new JsonArray(routes));
  }

  /** What an ExApp shows to those of a level, and which answers count as failed attempts. */
  public static JsonObject route(String pattern, int level, Integer... counted) {
    return new JsonObject()
        .put("url", pattern)
        .put("access_level", level)
        .put("bruteforce_protection", new JsonArray(List.of(counted)));
  }
}
