// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.far;

import static io.github.harp.core.AccessLevel.PUBLIC;

import io.github.harp.bench.peers.place.Place;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.launcher.demo.AppApiDouble;
import io.github.harp.proxy.transport.TransportChoice;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/** The main class of a JVM that plays the Nextcloud of far ExApps, each at the end of a tunnel. */
public final class FarNextcloud {
  private static final int FIRST_PORT = 23_000;
  private static final int EXAPPS = 10;

  private FarNextcloud() {}

  /** The id of an ExApp. */
  static String id(int number) {
    return "far-" + number;
  }

  /** The remote port of its tunnel. */
  static int port(int number) {
    return FIRST_PORT + number;
  }

  /** Argument: the port to listen on. */
  public static void main(String[] arguments) throws InterruptedException {
    var nextcloud = new AppApiDouble(Place.SHARED_KEY);
    for (int i = 0; i < EXAPPS; i++) {
      nextcloud.exApp(
          new ExApp(
              new AppId(id(i)),
              "1.0.0",
              new ExAppAddress("127.0.0.1", port(i)),
              Secret.of("bench-token"),
              RouteTable.of(List.of(new ExAppRoute("^/.*", PUBLIC, Set.of())))));
    }
    TransportChoice.AUTO
        .start()
        .createHttpServer()
        .requestHandler(nextcloud)
        .listen(Integer.parseInt(arguments[0]), "127.0.0.1")
        .await();
    new CountDownLatch(1).await();
  }
}
