// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.address.ListenAddress;
import io.github.harp.operations.Examination;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminEndpointTest {

  private static final String KEY = "the-key-of-the-test";

  private final Vertx vertx = Vertx.vertx();
  private final FakeInside inside = new FakeInside();
  private final HttpClient client = HttpClient.newHttpClient();
  private int port;

  @BeforeEach
  void listen() {
    port =
        new AdminEndpoint(vertx, inside)
            .listen(new ListenAddress("127.0.0.1", 0))
            .toCompletionStage()
            .toCompletableFuture()
            .join();
  }

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void theHeartbeatNeedsNoKey() throws Exception {
    var answer = ask("GET", "/heartbeat", null);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(new JsonObject(answer.body())).isEqualTo(new JsonObject().put("status", "ok"));
  }

  @Test
  void readinessFollowsTheGateway() throws Exception {
    assertThat(ask("GET", "/ready", null).statusCode()).isEqualTo(503);

    inside.ready = true;

    assertThat(ask("GET", "/ready", null).statusCode()).isEqualTo(200);
  }

  @Test
  void everyAnswerSaysWhose() throws Exception {
    assertThat(ask("GET", "/ready", null).headers().firstValue("server").orElse(""))
        .startsWith("HaRP/");
    assertThat(ask("GET", "/nothing", null).headers().firstValue("server").orElse(""))
        .startsWith("HaRP/");
  }

  @Test
  void metricsAreInPrometheusFormat() throws Exception {
    var answer = ask("GET", "/metrics", null);

    assertThat(answer.headers().firstValue("content-type").orElse(""))
        .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    assertThat(answer.body()).isEqualTo("harp_requests 1\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET /status", "GET /doctor", "GET /bans", "DELETE /bans"})
  void whatShowsOrChangesStateNeedsTheKey(String methodAndPath) throws Exception {
    var method = methodAndPath.split(" ")[0];
    var path = methodAndPath.split(" ")[1];

    assertThat(ask(method, path, null).statusCode()).isEqualTo(401);
    assertThat(ask(method, path, "wrong").statusCode()).isEqualTo(401);
    assertThat(inside.cleared).isEmpty();
    assertThat(ask(method, path, KEY).statusCode()).isEqualTo(200);
  }

  @Test
  void theDoctorIsTold() throws Exception {
    ask("GET", "/doctor?public_url=https%3A%2F%2Fcloud.example.org", KEY);

    assertThat(inside.publicUrl).contains("https://cloud.example.org");
  }

  @Test
  void aBanEndsByItsAddress() throws Exception {
    ask("DELETE", "/bans/203.0.113.7", KEY);
    ask("DELETE", "/bans/2001:db8::1", KEY);

    assertThat(inside.cleared)
        .containsExactly(
            Optional.of(InetAddress.getByName("203.0.113.7")),
            Optional.of(InetAddress.getByName("2001:db8::1")));
  }

  @Test
  void whatIsNoAddressIsRefusedWithWhatIsExpected() throws Exception {
    var answer = ask("DELETE", "/bans/everybody", KEY);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("'everybody': expected an IP address");
    assertThat(inside.cleared).isEmpty();
  }

  private HttpResponse<String> ask(String method, String path, String key) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (key != null) {
      request.header("harp-shared-key", key);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static final class FakeInside implements Inside {
    private final List<Optional<InetAddress>> cleared = new ArrayList<>();
    private volatile boolean ready;
    private volatile Optional<String> publicUrl = Optional.empty();

    @Override
    public String version() {
      return "0.0.1";
    }

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public String proof(String nonce) {
      return "proof of " + nonce;
    }

    @Override
    public boolean accepts(String key) {
      return key.equals(KEY);
    }

    @Override
    public String metrics() {
      return "harp_requests 1\n";
    }

    @Override
    public JsonObject status() {
      return new JsonObject();
    }

    @Override
    public Examination examine(Optional<String> url) {
      publicUrl = url;
      return new Examination(List.of());
    }

    @Override
    public JsonArray bans() {
      return new JsonArray();
    }

    @Override
    public int clearBans(Optional<InetAddress> address) {
      cleared.add(address);
      return 1;
    }
  }
}
