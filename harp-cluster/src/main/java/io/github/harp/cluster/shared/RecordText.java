// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.stream.Collectors;

/** The record of an ExApp as nodes tell each other of it, secret included: sealed. */
final class RecordText {

  private RecordText() {}

  static JsonObject of(ExApp exApp) {
    var routes = new JsonArray();
    for (var route : exApp.routes().routes()) {
      routes.add(
          new JsonObject()
              .put("url", route.url())
              .put("level", route.level().number())
              .put("counted", new JsonArray(route.bruteForceStatuses().stream().toList())));
    }
    return new JsonObject()
        .put("id", exApp.id().text())
        .put("version", exApp.version())
        .put("host", exApp.address().host())
        .put("port", exApp.address().port())
        .put("in_cluster", exApp.inCluster())
        .put("token", exApp.token().reveal())
        .put("routes", routes);
  }

  /**
   * @throws RuntimeException when it is none
   */
  static ExApp read(JsonObject text) {
    return new ExApp(
        new AppId(text.getString("id")),
        text.getString("version"),
        new ExAppAddress(text.getString("host"), text.getInteger("port")),
        Secret.of(text.getString("token")),
        RouteTable.of(
            text.getJsonArray("routes").stream().map(it -> route((JsonObject) it)).toList()),
        text.getBoolean("in_cluster", false));
  }

  private static ExAppRoute route(JsonObject text) {
    return new ExAppRoute(
        text.getString("url"),
        AccessLevel.of(text.getInteger("level")),
        text.getJsonArray("counted").stream().map(Integer.class::cast).collect(Collectors.toSet()));
  }
}
