// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/** {@code /heartbeat} and {@code /info}: that HaRP is there, and what it can do. */
final class ServiceInfo {

  /** The version of the original that we are compatible with; AppAPI compares it. */
  private static final String CONTRACT_VERSION = "0.4.4";

  private final String version;

  ServiceInfo(String version) {
    this.version = version;
  }

  void register(OrderRoutes routes) {
    routes.get("/heartbeat", request -> answer(new JsonObject().put("status", "ok")));
    routes.get("/info", request -> answer(info()));
  }

  private JsonObject info() {
    return new JsonObject()
        .put("version", CONTRACT_VERSION)
        .put("docker", true)
        .put("kubernetes", new JsonObject().put("enabled", false))
        .put(
            "implementation",
            new JsonObject().put("name", "HaRP for the JVM").put("version", version));
  }

  private static Future<ControlAnswer> answer(JsonObject json) {
    return Future.succeededFuture(ControlAnswer.json(200, json));
  }
}
