// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.access.Gatekeeper;
import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.instance.Instances;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.spec.MountRules;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.upstream.Engines;
import io.github.harp.operations.admin.AdminEndpoint;
import io.github.harp.operations.observe.NonceWitness;
import io.github.harp.operations.observe.RequestMetrics;
import io.github.harp.proxy.HarpProxy;
import io.github.harp.proxy.HarpProxyOptions;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A host that has {@link HarpProxy} alone: no launcher, no tunnels, no engines. */
class EmbeddedOperationsTest {

  private static final String KEY = "a key that is only used in this test";

  private final Vertx vertx = Vertx.vertx();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private HarpProxy proxy;
  private int adminPort;

  @BeforeEach
  void start() throws Exception {
    var time = Ticker.systemTicker();
    var bans = Bans.of(time);
    var instance = Instance.of(SharedKey.of(KEY), new FakeNextcloud(), bans, time);
    var witness = new NonceWitness();
    proxy =
        HarpProxy.builder(
                new Gatekeeper(
                    Instances.only(instance), ClientAddresses.behind(TrustedProxies.none())))
            .vertx(vertx)
            .options(
                HarpProxyOptions.builder()
                    .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .build())
            .observer(new RequestMetrics(registry).and(witness))
            .build();
    await(proxy.start());
    var view =
        new GatewayView(
            this::facts,
            proxy,
            witness,
            instance,
            bans.all(),
            Engines.of(Map.of()),
            ExAppRuntimes.none(),
            Optional.empty(),
            Optional.empty(),
            () -> true,
            registry::scrape);
    adminPort = await(new AdminEndpoint(vertx, view).listen(new ListenAddress("127.0.0.1", 0)));
  }

  @AfterEach
  void stop() throws Exception {
    await(proxy.stop(Duration.ZERO));
    await(vertx.close());
  }

  @Test
  void sharesWhatItIsAndWhatItDoes() throws Exception {
    get(proxy.addresses().get(0).getPort(), "/exapps/nobody/");

    var status = new JsonObject(get(adminPort, "/status"));

    assertThat(status.getString("version")).isEqualTo("7.5.3");
    assertThat(status.getString("nextcloud")).isEqualTo("http://127.0.0.1:9");
    assertThat(status.fieldNames()).contains("bans", "exapps").doesNotContain("tunnels");
    assertThat(get(adminPort, "/metrics")).contains("harp_requests");
  }

  @Test
  void showsNothingToWhoeverHasAnotherKey() throws Exception {
    for (var path : List.of("/status", "/doctor", "/bans")) {
      assertThat(asked(adminPort, path, "another key").statusCode()).isEqualTo(401);
    }
  }

  @Test
  void theDoctorLooksAtWhatThereIs() throws Exception {
    var findings = Examination.from(new JsonObject(get(adminPort, "/doctor"))).findings();

    assertThat(findings)
        .contains(Finding.ok("as the host wants them").about("settings"))
        .anySatisfy(
            finding -> {
              assertThat(finding.about()).isEqualTo("ports");
              assertThat(finding.severity()).isEqualTo(Severity.OK);
              assertThat(finding.seen()).contains("(the host's own setting)");
            });
    assertThat(findings).extracting(Finding::about).doesNotContain("tunnels", "certificates");
  }

  @Test
  void whatTheDoctorSendsThroughTheFrontDoorIsNobodysMistake() throws Exception {
    for (var path : List.of("", "/changed/by/a/proxy")) {
      var url = "http://127.0.0.1:" + proxy.addresses().get(0).getPort() + path;
      var findings =
          Examination.from(new JsonObject(get(adminPort, "/doctor?public_url=" + url))).findings();

      assertThat(findings)
          .anySatisfy(
              finding -> {
                assertThat(finding.about()).isEqualTo("public address");
                assertThat(finding.seen()).contains(path.isEmpty() ? "comes back" : "arrives here");
              });
    }

    assertThat(get(adminPort, "/bans")).isEqualTo("{\"bans\":[]}");
  }

  private GatewayFacts facts() {
    var frontDoor = new ListenAddress("127.0.0.1", proxy.addresses().get(0).getPort());
    return new GatewayFacts(
        "7.5.3",
        new GatewayFacts.Nextcloud("http://127.0.0.1:9", "", SharedKey.of(KEY)),
        new GatewayFacts.Listeners(
            frontDoor,
            Map.of("the host's own setting", frontDoor),
            Optional.empty(),
            TrustedProxies.none()),
        new GatewayFacts.Tunnels(false, Path.of("tunnel-ports")),
        new GatewayFacts.Engines(Map.of(), MountRules.none()),
        new GatewayFacts.Settings(
            List.of(),
            List.of(),
            () -> Stream.of(Finding.ok("as the host wants them").about("settings"))));
  }

  private static String get(int port, String path) throws Exception {
    return asked(port, path, KEY).body();
  }

  private static HttpResponse<String> asked(int port, String path, String key) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("harp-shared-key", key)
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
