// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import io.github.harp.cluster.shared.PortClaims.Claim;
import io.github.harp.core.AppId;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.tunnels.Past;
import io.github.harp.core.tunnels.TunnelHolder;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/** Tunnels as nodes tell each other of them. What can't be read is a {@link RuntimeException}. */
final class TunnelText {

  private static final int LAST_PORT = 65_535;

  private TunnelText() {}

  static JsonObject of(Claim claim) {
    var text =
        new JsonObject()
            .put("port", claim.port())
            .put("turn", claim.turn())
            .put("run", claim.run())
            .put("node", claim.node());
    return claim
        .by()
        .map(by -> text.put("by", by.deployment().map(TunnelText::of).orElseGet(JsonObject::new)))
        .orElse(text);
  }

  static Claim claim(JsonObject text) {
    return new Claim(
        port(text),
        text.getLong("turn"),
        text.getString("run"),
        text.getString("node"),
        Optional.ofNullable(text.getJsonObject("by")).map(TunnelText::holder));
  }

  private static TunnelHolder holder(JsonObject text) {
    return text.isEmpty() ? TunnelHolder.OF_KEY : new TunnelHolder(Optional.of(deployment(text)));
  }

  static JsonObject of(int port, Past past) {
    var owners = new JsonArray();
    past.owners().forEach(owner -> owners.add(of(owner)));
    return new JsonObject()
        .put("port", port)
        .put("opened", past.opened())
        .put("anybodys", past.anybodys())
        .put("owners", owners);
  }

  static Past past(JsonObject text) {
    return new Past(
        text.getBoolean("opened"),
        text.getBoolean("anybodys"),
        text.getJsonArray("owners").stream().map(it -> deployment((JsonObject) it)).toList());
  }

  static int port(JsonObject text) {
    int port = text.getInteger("port");
    if (port < 1 || port > LAST_PORT) {
      throw new IllegalArgumentException("port " + port);
    }
    return port;
  }

  private static JsonObject of(Deployment deployment) {
    var text = new JsonObject().put("id", deployment.appId().text());
    return deployment.fingerprint().map(it -> text.put("print", it)).orElse(text);
  }

  private static Deployment deployment(JsonObject text) {
    return new Deployment(
        new AppId(text.getString("id")), Optional.ofNullable(text.getString("print")));
  }
}
