// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.backend;

import static io.github.harp.core.AccessLevel.PUBLIC;
import static io.github.harp.core.AccessLevel.USER;

import io.github.harp.bench.peers.place.Place;
import io.github.harp.core.AccessLevel;
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
  private static final int ROUTES_IN_CROWD = 10;

  private KnownApps() {}

  static AppApiDouble nextcloud(int filePort, int livePort, int hostilePort) {
    var nextcloud =
        new AppApiDouble(Place.SHARED_KEY).session(Place.SESSION_COOKIE, new NcUser("alice", USER));
    for (var app : App.values()) {
      int port = app == App.HOSTILE ? hostilePort : app.isLive() ? livePort : filePort;
      int known = app.isTunnelled() ? app.tunnelPort() : port;
      nextcloud.exApp(exApp(app.id(), new ExAppAddress(app.host(), known), routes(app)));
    }
    for (int i = 1; i < App.CROWD_SIZE; i++) {
      var address = new ExAppAddress(App.CROWD.host(), App.CROWD.tunnelPort() + i);
      nextcloud.exApp(exApp(App.inCrowd(i), address, routes(App.CROWD)));
    }
    return nextcloud;
  }

  private static ExApp exApp(String id, ExAppAddress address, List<ExAppRoute> routes) {
    return new ExApp(
        new AppId(id), "1.0.0", address, Secret.of("bench-token"), RouteTable.of(routes));
  }

  private static List<ExAppRoute> routes(App app) {
    return switch (app) {
      case ROUTED -> routes(ROUTES, USER);
      case CROWD -> routes(ROUTES_IN_CROWD, PUBLIC);
      default -> List.of(new ExAppRoute("^/.*", PUBLIC, Set.of()));
    };
  }

  private static List<ExAppRoute> routes(int count, AccessLevel lastOne) {
    // Mostly literal prefixes, as manifests have them, some patterns without one; only the last one
    // matches.
    var others =
        IntStream.range(0, count - 1)
            .mapToObj(
                i -> i % 20 == 19 ? ".*\\.type" + i + "$" : "^/api/v1/thing" + i + "/[a-z0-9]+")
            .map(pattern -> new ExAppRoute(pattern, PUBLIC, Set.of()));
    return Stream.concat(others, Stream.of(new ExAppRoute("^/small$", lastOne, Set.of()))).toList();
  }
}
