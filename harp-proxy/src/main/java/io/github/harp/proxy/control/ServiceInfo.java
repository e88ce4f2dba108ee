// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import io.github.harp.core.runtime.ClusterState;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/** {@code /heartbeat} and {@code /info}: that HaRP is there, and what it can do. */
final class ServiceInfo {

  /** The version of the original that we are compatible with; AppAPI compares it. */
  private static final String CONTRACT_VERSION = "0.4.4";

  private final ExAppRuntimes runtimes;
  private final String version;

  ServiceInfo(ExAppRuntimes runtimes, String version) {
    this.runtimes = runtimes;
    this.version = version;
  }

  void register(OrderRoutes routes) {
    routes.get("/heartbeat", request -> answer(new JsonObject().put("status", "ok")));
    routes.get(
        "/info",
        request -> runtimes.cluster().map(cluster -> ControlAnswer.json(200, info(cluster))));
  }

  private JsonObject info(Optional<ClusterState> cluster) {
    return new JsonObject()
        .put("version", CONTRACT_VERSION)
        .put("docker", true)
        .put("kubernetes", kubernetes(cluster))
        .put(
            "implementation",
            new JsonObject().put("name", "HaRP for the JVM").put("version", version));
  }

  private static JsonObject kubernetes(Optional<ClusterState> cluster) {
    var json = new JsonObject().put("enabled", cluster.isPresent());
    cluster.ifPresent(
        it -> json.put("api_server", it.apiServer()).put("reachable", it.reachable()));
    return json;
  }

  private static Future<ControlAnswer> answer(JsonObject json) {
    return Future.succeededFuture(ControlAnswer.json(200, json));
  }
}
