// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import static io.github.harp.operations.EmbeddedGateway.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.OrderUnderWay;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.testing.FakeRequest;
import io.github.harp.core.testing.UndialledEngines;
import io.github.harp.operations.EmbeddedGateway;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.Proxy;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminEndpointTest {

  private final EmbeddedGateway gateway = new EmbeddedGateway();

  @AfterEach
  void stop() {
    gateway.close();
  }

  @Test
  void theHeartbeatNeedsNoKey() throws Exception {
    var answer = gateway.ask("GET", "/heartbeat");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(new JsonObject(answer.body())).isEqualTo(new JsonObject().put("status", "ok"));
  }

  @Test
  @Timeout(30)
  @DisplayName(
      "S1: it shares no event loop with requests, which wait neither for it nor it for them")
  void anEventLoopOfItsOwn() throws Exception {
    var busy = new CompletableFuture<Void>();
    gateway.occupy(busy);
    try {
      assertThat(gateway.ask("GET", "/heartbeat").statusCode()).isEqualTo(200);
    } finally {
      busy.complete(null);
    }
  }

  @Test
  void readinessFollowsTheGateway() throws Exception {
    gateway.ready = false;
    assertThat(gateway.ask("GET", "/ready").statusCode()).isEqualTo(503);

    gateway.ready = true;

    assertThat(gateway.ask("GET", "/ready").statusCode()).isEqualTo(200);
  }

  @Test
  void whoeverSendsANonceGetsItsProof() throws Exception {
    var nonce = Identity.newNonce();

    var proof = gateway.ask("GET", "/ready", Identity.NONCE, nonce).headers();

    assertThat(
            new Identity(SharedKey.of(KEY))
                .isProved(nonce, proof.firstValue(Identity.PROOF).orElse("")))
        .isTrue();
  }

  @Test
  void everyAnswerSaysWhose() throws Exception {
    for (var path : new String[] {"/ready", "/nothing"}) {
      assertThat(gateway.ask("GET", path).headers().firstValue("server").orElse(""))
          .isEqualTo("HaRP/7.5.3");
    }
  }

  @Test
  void metricsAreInPrometheusFormat() throws Exception {
    gateway.request("/exapps/nobody/");

    assertThat(gateway.ask("GET", "/metrics").headers().firstValue("content-type").orElse(""))
        .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    await()
        .untilAsserted(
            () -> assertThat(gateway.ask("GET", "/metrics").body()).contains("\nharp_requests"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /status",
        "GET /doctor",
        "GET /bans",
        "GET /why?url=/",
        "GET /why?id=4f",
        "DELETE /bans"
      })
  void whatShowsOrChangesStateNeedsTheKey(String methodAndPath) throws Exception {
    var method = methodAndPath.split(" ")[0];
    var path = methodAndPath.split(" ")[1];
    fail("203.0.113.7");

    assertThat(gateway.ask(method, path).statusCode()).isEqualTo(401);
    assertThat(gateway.ask(method, path, "harp-shared-key", "wrong").statusCode()).isEqualTo(401);
    assertThat(gateway.bans.users().entries()).hasSize(1);
    assertThat(withKey(method, path).statusCode()).isEqualTo(200);
  }

  @Test
  void theStatusSaysUntilWhenTheCertificateOfHttpsIsGood(@TempDir Path folder) throws Exception {
    var authority = CertificateAuthority.open(folder, Duration.ofDays(90), Clock.systemUTC());
    var pem = Files.writeString(folder.resolve("cert.pem"), "nothing of the kind");
    gateway.httpsCertificate = Optional.of(pem);
    assertThat(gateway.show("/status")).contains("\"problem\":\"" + pem + ": ");

    Files.writeString(pem, String.join("", authority.clientFiles().values()));
    var shown = new JsonObject(gateway.show("/status")).getJsonArray("https_certificates");

    assertThat(shown.getJsonObject(0).getString("subject")).isEqualTo("CN=harp.client.nc");
    assertThat(Instant.parse(shown.getJsonObject(0).getString("not_after")))
        .isAfter(Instant.now().plus(Duration.ofDays(80)));
  }

  @Test
  void theStatusSaysWhichOrdersAreUnderWay() throws Exception {
    var order =
        new OrderUnderWay(
            Place.engine(new EngineNumber(24000)), "create nc_app_x", Duration.ofSeconds(75));
    var desk =
        (ExAppRuntime)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ExAppRuntime.class},
                (self, method, arguments) -> List.of(order));
    try (var busy =
        new EmbeddedGateway(
            UndialledEngines.numbered(24000), ExAppRuntimes.onEngines(number -> desk))) {
      assertThat(new JsonObject(busy.show("/status")).getJsonArray("orders").encode())
          .isEqualTo("[{\"place\":\"engine 24000\",\"what\":\"create nc_app_x\",\"seconds\":75}]");
    }
  }

  @Test
  void whyIsAnsweredForWhatMightBeAndForWhatWas() throws Exception {
    var supposed = new JsonObject(gateway.show("/why?url=https://cloud/exapps/nobody/x&as=alice"));

    assertThat(supposed.getString("reason")).isEqualTo("UNKNOWN_EXAPP");
    assertThat(supposed.getInteger("status")).isEqualTo(404);
    assertThat(supposed.getBoolean("passes")).isFalse();
    assertThat(supposed.getString("means")).contains("occ app_api:app:list");
    assertThat(supposed.getJsonArray("steps").encode()).contains("Nextcloud knows none");
    assertThat(gateway.show("/bans")).isEqualTo("{\"bans\":[]}");

    var id =
        gateway.request("/exapps/nobody/x?secret=1").headers().firstValue("x-request-id").get();
    await().untilAsserted(() -> assertThat(past(id)).hasSize(1));
    var past = past(id);

    assertThat(past.getJsonObject(0).getString("reason")).isEqualTo("UNKNOWN_EXAPP");
    assertThat(past.encode()).contains(id, "/exapps/nobody/x").doesNotContain("secret", KEY);
    assertThat(gateway.show("/why?id=-")).isEqualTo("{\"requests\":[]}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?id=",
        "?url=nowhere",
        "?url=/&from=cloud",
        "?url=/&as=a:b",
        "?url=/&method=("
      })
  void whatCannotBeExplainedIsRefusedWithWhatIsExpected(String query) throws Exception {
    var answer = withKey("GET", "/why" + query);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("found ");
  }

  private JsonArray past(String id) throws Exception {
    return new JsonObject(gateway.show("/why?id=" + id)).getJsonArray("requests");
  }

  @Test
  void aBanEndsByItsAddress() throws Exception {
    fail("203.0.113.7");
    fail("2001:db8::1");
    fail("203.0.113.8");

    var cleared = withKey("DELETE", "/bans/203.0.113.7").body();
    withKey("DELETE", "/bans/2001:db8::1");

    assertThat(new JsonObject(cleared)).isEqualTo(new JsonObject().put("cleared", 1));
    assertThat(gateway.show("/bans")).contains("203.0.113.8").doesNotContain("113.7", "2001");
  }

  @Test
  void allBansEndAtOnce() throws Exception {
    fail("203.0.113.7");
    fail("203.0.113.8");

    var cleared = withKey("DELETE", "/bans").body();

    assertThat(new JsonObject(cleared)).isEqualTo(new JsonObject().put("cleared", 1));
    assertThat(gateway.show("/bans")).isEqualTo("{\"bans\":[]}");
  }

  @Test
  void whatIsNoAddressIsRefusedWithWhatIsExpected() throws Exception {
    fail("203.0.113.7");

    var answer = withKey("DELETE", "/bans/everybody");

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("'everybody': expected an IP address");
    assertThat(gateway.bans.users().entries()).hasSize(1);
  }

  private void fail(String address) {
    gateway.bans.users().record(FakeRequest.address(address), "A_TEST");
  }

  private HttpResponse<String> withKey(String method, String path) throws Exception {
    return gateway.ask(method, path, "harp-shared-key", KEY);
  }
}
