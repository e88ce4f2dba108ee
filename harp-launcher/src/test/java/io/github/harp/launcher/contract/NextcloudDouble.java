// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.NcUser;
import io.github.harp.launcher.demo.AppApiDouble;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Nextcloud as HaRP sees it: two end-points that count their calls and fail when told to. */
final class NextcloudDouble {

  private static final String META = "/index.php/apps/app_api/harp/exapp-meta?appId=";
  private static final String USER = "/index.php/apps/app_api/harp/user-info?appId=";
  private final RawServer server = new RawServer();
  private final AppApiDouble appApi;
  private final Map<String, RawServer.Behaviour> users = new ConcurrentHashMap<>();

  NextcloudDouble(String key) {
    appApi =
        new AppApiDouble(key)
            .session("nc_session=alice", new NcUser("alice", AccessLevel.USER))
            .session("nc_session=root", new NcUser("root", AccessLevel.ADMIN))
            .session("nc_session=locked", new NcUser("locked", AccessLevel.PUBLIC));
    server.otherwise(
        (request, in, out) -> {
          var behaviour =
              request.target().startsWith(USER)
                  ? users.get(request.target().substring(USER.length()))
                  : null;
          if (behaviour == null) {
            out.write(answer(request));
          } else {
            behaviour.answer(request, in, out);
          }
        });
  }

  /** Of more than one key none is right. */
  private byte[] answer(Received request) {
    return appApi
        .answer(
            request.target(),
            String.join(", ", request.header("harp-shared-key")),
            String.join("; ", request.header("cookie")))
        .map(answer -> RawServer.json(answer.status(), answer.body().encode()))
        .orElseGet(() -> RawServer.json(404, "{}"));
  }

  int port() {
    return server.port();
  }

  /** Knows an ExApp with these routes: url, level, statuses that count. */
  void register(String appId, int port, List<JsonObject> routes) {
    appApi.exApp(appId, metadata(port, routes));
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
    return AppApiDouble.metadata("app-secret", "1.2.3", port, routes);
  }

  static JsonObject route(String url, int level, Integer... counted) {
    return AppApiDouble.route(url, level, counted);
  }
}
