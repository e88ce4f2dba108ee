// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.notice.Excerpt;
import io.github.harp.operations.observe.RecentRequests.Decided;
import io.github.harp.operations.observe.RecentRequests.Remembered;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** What was decided about a request, and what came of it. */
final class PastRequest {

  private static final int LONGEST = 300;

  private PastRequest() {}

  static JsonArray json(List<Remembered> requests) {
    var list = new JsonArray();
    requests.forEach(it -> list.add(json(it)));
    return list;
  }

  static JsonObject json(Remembered request) {
    var json =
        new JsonObject()
            .put("id", request.id())
            .put("ended", request.ended().toString())
            .put("method", Excerpt.of(request.method(), LONGEST))
            .put("path", Excerpt.of(request.path(), LONGEST))
            .put("client", IpAddresses.text(request.client()))
            .put("status", request.status())
            .put("upstream", request.upstream())
            .put("problem", Excerpt.of(request.problem(), LONGEST))
            .put("milliseconds", request.total().toMillis());
    request.decided().ifPresent(decided -> add(json, decided));
    return json;
  }

  private static void add(JsonObject json, Decided decided) {
    json.put("decision", decided.label())
        .put("reason", decided.reason())
        .put("means", Meaning.of(decided.reason()))
        .put("counted", decided.counted())
        .put("app", decided.app())
        .put("as", decided.sender());
  }
}
