// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.bench.peers.place.Place;
import io.github.harp.launcher.demo.AppApiDouble;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KnownAppsTest {

  private static final Map<String, String> HEADERS =
      Map.of(
          "harp-shared-key",
          Place.SHARED_KEY,
          "cookie",
          "oc_sessionPassphrase=x; " + Place.SESSION_COOKIE);

  private final AppApiDouble nextcloud = KnownApps.nextcloud(8081, 8082, 8083);

  @Test
  void knowsWhereEachExAppListens() {
    assertThat(asked("exapp-meta?appId=" + App.PLAIN.id()).getInteger("port")).isEqualTo(8081);
    assertThat(asked("exapp-meta?appId=" + App.LIVE.id()).getInteger("port")).isEqualTo(8082);
    assertThat(asked("exapp-meta?appId=" + App.TUNNELLED.id()).getInteger("port"))
        .isEqualTo(App.TUNNELLED.tunnelPort());
    assertThat(asked("exapp-meta?appId=" + App.ROUTED.id()).getJsonArray("routes")).hasSize(200);
  }

  @Test
  void knowsTheUserOfTheOneSession() {
    assertThat(asked("user-info?appId=" + App.ROUTED.id()).getString("user_id")).isEqualTo("alice");
  }

  private JsonObject asked(String question) {
    var answer = nextcloud.answer(AppApiDouble.PATH + question, HEADERS::get);
    assertThat(answer.status()).isEqualTo(200);
    return answer.body();
  }
}
