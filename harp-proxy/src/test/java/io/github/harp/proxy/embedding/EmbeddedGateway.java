// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.embedding;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.github.harp.core.Secret;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.proxy.HarpProxy;
import io.github.harp.proxy.HarpProxyOptions;
import io.vertx.core.Future;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Guards the HTTP server on port 9000: /exapps/hello/ on port 8780 wants alice's password. */
public final class EmbeddedGateway {

  public static void main(String[] arguments) {
    gateway(8780, new OwnUsers(9000)).start();
  }

  static HarpProxy gateway(int port, Nextcloud users) {
    var noOrders = SharedKey.of("only-for-orders-and-this-program-takes-none");
    var options = HarpProxyOptions.builder().listen(new InetSocketAddress("127.0.0.1", port));
    return HarpProxy.builder(users, noOrders).options(options.build()).build();
  }

  /** This program's own answers to what Nextcloud would be asked. */
  record OwnUsers(int appPort) implements Nextcloud {

    @Override
    public Future<Optional<ExApp>> exApp(AppId appId) {
      var routes = RouteTable.of(List.of(new ExAppRoute("/", AccessLevel.USER, Set.of())));
      var hello =
          new ExApp(
              new AppId("hello"),
              "1.0",
              new ExAppAddress("127.0.0.1", appPort),
              Secret.of("app-secret"),
              routes);
      return Future.succeededFuture(Optional.of(hello).filter(app -> app.id().equals(appId)));
    }

    @Override
    public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
      var isAlice = "Basic YWxpY2U6c2VjcmV0".equals(request.header("authorization"));
      var user = isAlice ? new NcUser("alice", AccessLevel.USER) : NcUser.ANONYMOUS;
      return Future.succeededFuture(Optional.of(user));
    }
  }
}
