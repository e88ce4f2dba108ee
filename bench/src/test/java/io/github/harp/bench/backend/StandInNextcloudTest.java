// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.bench.peers.App;
import io.github.harp.bench.peers.Lab;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StandInNextcloudTest {

  private static final String PATH = "/index.php/apps/app_api/harp/";

  private final EmbeddedChannel channel = new EmbeddedChannel(new StandInNextcloud(8081, 8082));

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
    var request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, PATH + question);
    request.headers().set("harp-shared-key", Lab.SHARED_KEY);
    request.headers().set("cookie", "oc_sessionPassphrase=x; " + Lab.SESSION_COOKIE);
    channel.writeInbound(request);
    FullHttpResponse answer = channel.readOutbound();
    assertThat(answer.status().code()).isEqualTo(200);
    return new JsonObject(answer.content().toString(StandardCharsets.UTF_8));
  }
}
