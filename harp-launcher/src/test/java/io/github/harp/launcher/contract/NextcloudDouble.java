// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Nextcloud as HaRP sees it: two end-points that count their calls and fail when told to. */
final class NextcloudDouble {

  private static final String META = "/index.php/apps/app_api/harp/exapp-meta?appId=";
  private static final String USER = "/index.php/apps/app_api/harp/user-info?appId=";
  private static final JsonObject ANONYMOUS =
      new JsonObject().put("user_id", "").put("access_level", 0);
  private static final Map<String, JsonObject> USERS =
      Map.of(
          "nc_session=alice", user("alice", 1),
          "nc_session=root", user("root", 2),
          "nc_session=locked", user("locked", 0));

  private final RawServer server = new RawServer();
  private final String key;
  private final Map<String, String> exApps = new ConcurrentHashMap<>();
  private final Map<String, RawServer.Behaviour> users = new ConcurrentHashMap<>();

  NextcloudDouble(String key) {
    this.key = key;
    server.otherwise(
        (request, in, out) -> {
          if (request.target().startsWith(META)) {
            out.write(metaAnswer(request));
          } else if (request.target().startsWith(USER)) {
            var behaviour = users.get(request.target().substring(USER.length()));
            if (behaviour == null) {
              out.write(userAnswer(request));
            } else {
              behaviour.answer(request, in, out);
            }
          } else {
            out.write(RawServer.json(404, "{}"));
          }
        });
  }

  int port() {
    return server.port();
  }

  /** Knows an ExApp with these routes: url, level, statuses that count. */
  void register(String appId, int port, List<JsonObject> routes) {
    exApps.put(appId, metadata(port, routes).encode());
  }

  /** How exapp-meta answers for one app. */
  void onMeta(String appId, RawServer.Behaviour behaviour) {
    server.on(META + appId, behaviour);
  }

  /** How user-info answers for one app. */
  void onUser(String appId, RawServer.Behaviour behaviour) {
    users.put(appId, behaviour);
  }

  long metaCalls(String appId) {
    return server.requests(META + appId).stream()
        .filter(request -> request.target().equals(META + appId))
        .count();
  }

  List<Received> userCalls(String appId) {
    return server.requests().stream()
        .filter(request -> request.target().equals(USER + appId))
        .toList();
  }

  static JsonObject metadata(int port, List<JsonObject> routes) {
    return new JsonObject()
        .put("exapp_token", "app-secret")
        .put("exapp_version", "1.2.3")
        .put("host", "127.0.0.1")
        .put("port", port)
        .put("routes", new JsonArray(routes));
  }

  static JsonObject route(String url, int level, Integer... counted) {
    return new JsonObject()
        .put("url", url)
        .put("access_level", level)
        .put("bruteforce_protection", new JsonArray(List.of(counted)));
  }

  private byte[] metaAnswer(Received request) {
    var exApp = exApps.get(request.target().substring(META.length()));
    return exApp == null || !hasKey(request)
        ? RawServer.json(401, "{\"message\": \"ExApp not found\"}")
        : RawServer.json(200, exApp);
  }

  private byte[] userAnswer(Received request) {
    if (!hasKey(request)) {
      return RawServer.json(401, "{}");
    }
    var cookies = String.join("; ", request.header("cookie"));
    var user =
        USERS.entrySet().stream()
            .filter(entry -> List.of(cookies.split("; ?")).contains(entry.getKey()))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse(ANONYMOUS);
    return RawServer.json(200, user.encode());
  }

  private boolean hasKey(Received request) {
    return request.header("harp-shared-key").equals(List.of(key));
  }

  private static JsonObject user(String id, int level) {
    return new JsonObject().put("user_id", id).put("access_level", level);
  }
}
