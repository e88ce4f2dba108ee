// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import io.github.harp.core.notice.ClusterNode;
import io.github.harp.operations.NodesView;
import io.github.harp.tunnel.link.LinkStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;

/** What a node knows of the others, as JSON. Holds no secret. */
final class NodesStatus {

  private NodesStatus() {}

  static JsonObject of(NodesView view) {
    var status = view.status().get();
    var links = view.links().get();
    var nodes = new JsonArray();
    for (var node : status.nodes()) {
      var shown = json(node);
      links.stream()
          .filter(link -> link.node().equals(node.name()))
          .forEach(link -> shown.put("link", json(link)));
      nodes.add(shown);
    }
    return new JsonObject()
        .put("nodes", nodes)
        .put("joined", status.joined())
        .put("troubles", new JsonArray(status.troubles()))
        .put("heard", status.heard())
        .put("refused", status.refused())
        .put("gaps", status.gaps())
        .put("waiting_bytes", status.waitingBytes())
        .put("left_out", status.leftOut())
        .put("orphans", new JsonArray(status.orphans()));
  }

  private static JsonObject json(ClusterNode node) {
    return new JsonObject()
        .put("name", node.name())
        .put("state", node.state().name().toLowerCase(Locale.ROOT))
        .put("version", node.version())
        .put("key", node.key())
        .put("silent_seconds", node.silent().toSeconds())
        .put("differences", new JsonArray(node.differences()));
  }

  private static JsonObject json(LinkStatus link) {
    return new JsonObject()
        .put("connected", link.connected())
        .put("streams", link.streams())
        .put("trouble", link.trouble());
  }
}
