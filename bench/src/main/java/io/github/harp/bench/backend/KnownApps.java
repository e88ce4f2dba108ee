// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.backend;

import static io.github.harp.core.AccessLevel.PUBLIC;
import static io.github.harp.core.AccessLevel.USER;

import io.github.harp.bench.peers.Lab;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.NcUser;
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.launcher.demo.AppApiDouble;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the bench's Nextcloud knows: every {@link App}, and one session. */
final class KnownApps {

  private static final int ROUTES = 200;

  private KnownApps() {}

  static AppApiDouble nextcloud(int filePort, int livePort) {
    var nextcloud =
        new AppApiDouble(Lab.SHARED_KEY).session(Lab.SESSION_COOKIE, new NcUser("alice", USER));
    for (var app : App.values()) {
      int port = app.isLive() ? livePort : filePort;
      nextcloud.exApp(exApp(app, app.isTunnelled() ? app.tunnelPort() : port));
    }
    return nextcloud;
  }

  private static ExApp exApp(App app, int port) {
    return new ExApp(
        new AppId(app.id()),
        "1.0.0",
        new ExAppAddress("127.0.0.1", port),
        Secret.of("bench-token"),
        RouteTable.of(routes(app)));
  }

  private static List<ExAppRoute> routes(App app) {
    if (app != App.ROUTED) {
      return List.of(new ExAppRoute("^/.*", PUBLIC, Set.of()));
    }
    // Mostly literal prefixes, as manifests have them, some patterns without one; only the last one
    // matches.
    var others =
        IntStream.range(0, ROUTES - 1)
            .mapToObj(
                i -> i % 20 == 19 ? ".*\\.type" + i + "$" : "^/api/v1/thing" + i + "/[a-z0-9]+")
            .map(pattern -> new ExAppRoute(pattern, PUBLIC, Set.of()));
    return Stream.concat(others, Stream.of(new ExAppRoute("^/small$", USER, Set.of()))).toList();
  }
}
