// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.address.ListenAddress;
import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.client.TunnelClientStatus;
import io.github.harp.tunnel.client.TunnelClientStatus.Proxy;
import io.github.harp.tunnel.client.TunnelClientStatus.ProxyState;
import io.github.harp.tunnel.client.TunnelClientStatus.State;
import io.github.harp.tunnel.client.TunnelClientStatus.StraightVisitors;
import io.github.harp.tunnel.client.TunnelClientStatus.Visitor;
import io.github.harp.tunnel.client.TunnelClientStatus.Went;
import io.vertx.core.json.JsonObject;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TunnelClientEndpointTest {

  private static final String WHY = "the owner is behind a NAT that gives a port for each address";

  private final TunnelClientEndpoint endpoint =
      new TunnelClientEndpoint(
          () ->
              new TunnelClientStatus(
                  State.CONNECTED,
                  Instant.EPOCH,
                  2,
                  Optional.of("the server went away"),
                  List.of(
                      new Proxy(
                          "mine",
                          23_000,
                          "127.0.0.1:80",
                          ProxyState.RUNNING,
                          ":23000",
                          "",
                          1,
                          7,
                          0,
                          new StraightVisitors(1, 3, 2, "no answer"))),
                  List.of(
                      new Visitor(
                          "files",
                          "llm2/files",
                          ProxyType.XTCP,
                          Optional.of(new InetSocketAddress("127.0.0.1", 23_000)),
                          WHY,
                          1,
                          new Went(4, 4_000),
                          new Went(5, 5_000),
                          6,
                          ""))));
  private int port;

  @BeforeEach
  void listen() throws Exception {
    port = endpoint.listen(new ListenAddress("127.0.0.1", 0)).await(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void close() {
    endpoint.close();
  }

  private HttpResponse<String> ask(String method, String path) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(30))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void theStatusSaysWhichWayBytesGoAndWhyNotTheOther() throws Exception {
    var status = new JsonObject(ask("GET", "/status").body());

    assertThat(status.getString("state")).isEqualTo("connected");
    assertThat(status.getString("last_failure")).isEqualTo("the server went away");
    var visitor = status.getJsonArray("visitors").getJsonObject(0);
    assertThat(visitor.getString("why_not_straight")).isEqualTo(WHY);
    assertThat(visitor.getJsonObject("straight").getLong("bytes")).isEqualTo(4_000);
    assertThat(visitor.getJsonObject("relayed").getLong("bytes")).isEqualTo(5_000);
    var proxy = status.getJsonArray("proxies").getJsonObject(0);
    assertThat(proxy.getJsonObject("straight").getString("last_miss")).isEqualTo("no answer");
  }

  @Test
  void prometheusGetsTheSame() throws Exception {
    assertThat(ask("GET", "/metrics").body())
        .contains("harp_tunnel_client_connected 1.0")
        .contains("harp_tunnel_client_logins_total 2.0")
        .contains("harp_tunnel_client_users_total{proxy=\"mine\"} 7.0")
        .contains("harp_tunnel_client_visitors_total{proxy=\"mine\"} 3.0")
        .contains("harp_tunnel_client_visitors_missed_total{proxy=\"mine\"} 2.0")
        .contains("harp_tunnel_visitor_straight{visitor=\"files\"} 0.0")
        .contains("harp_tunnel_visitor_bytes_total{visitor=\"files\",way=\"straight\"} 4000.0")
        .contains("harp_tunnel_visitor_bytes_total{visitor=\"files\",way=\"relayed\"} 5000.0")
        .contains("harp_tunnel_visitor_users_total{visitor=\"files\",way=\"relayed\"} 5.0")
        .contains("harp_tunnel_visitor_failed_total{visitor=\"files\"} 6.0");
  }

  @Test
  void nothingElseIsThere() throws Exception {
    assertThat(ask("GET", "/").statusCode()).isEqualTo(404);
    assertThat(ask("POST", "/status").statusCode()).isEqualTo(404);
  }
}
