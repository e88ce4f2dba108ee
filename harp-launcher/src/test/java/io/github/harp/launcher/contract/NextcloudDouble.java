// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.NcUser;
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.launcher.demo.AppApiDouble;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Nextcloud as HaRP sees it: two end-points that count their calls and fail when told to. */
final class NextcloudDouble {

  private static final String META = AppApiDouble.PATH + "exapp-meta?appId=";
  private static final String USER = AppApiDouble.PATH + "user-info?appId=";

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
    var answer =
        appApi.answer(
            request.target(),
            name -> String.join(name.equals("cookie") ? "; " : ", ", request.header(name)));
    return RawServer.json(answer.status(), answer.body().encode());
  }

  int port() {
    return server.port();
  }

  /** Knows an ExApp with these routes: url, level, statuses that count. */
  void register(String appId, int port, List<ExAppRoute> routes) {
    appApi.exApp(exApp(appId, port, routes));
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

  static JsonObject metadata(int port, List<ExAppRoute> routes) {
    return AppApiDouble.described(exApp("app", port, routes));
  }

  private static ExApp exApp(String id, int port, List<ExAppRoute> routes) {
    return new ExApp(
        new AppId(id),
        "1.2.3",
        new ExAppAddress("127.0.0.1", port),
        Secret.of("app-secret"),
        RouteTable.of(routes));
  }

  static ExAppRoute route(String url, int level, Integer... counted) {
    return new ExAppRoute(url, AccessLevel.of(level), Set.of(counted));
  }
}
