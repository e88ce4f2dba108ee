// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.testing.UnusedPort;
import io.github.harp.launcher.config.Configuration;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A Nextcloud says where its ExApps are, and may not say that they are what is the operator's. */
class OwnPortsTest {

  private static final String KEY = "a key that is only used in this test";

  private final Vertx vertx = Vertx.vertx();
  private int admin;
  private Gateway gateway;

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    admin = UnusedPort.find();
    var environment =
        Map.of(
            "HP_SHARED_KEY", KEY,
            "NC_INSTANCE_URL", "http://127.0.0.1:1",
            "HP_EXAPPS_ADDRESS", "127.0.0.1:0",
            "HP_FRP_ADDRESS", "127.0.0.1:0",
            "HP_ADMIN_ADDRESS", "127.0.0.1:" + admin,
            "HP_CERTS_DIR", folder.toString(),
            "HP_DOCKER_ENGINES", "");
    gateway =
        new Gateway(Configuration.from(environment, folder), vertx)
            .start()
            .await(60, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    gateway.stop(Duration.ZERO).await(60, TimeUnit.SECONDS);
    vertx.close().await(60, TimeUnit.SECONDS);
  }

  private int ask(String method, String path, String body) throws Exception {
    var port = gateway.addresses().get(0).getPort();
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/exapps/" + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (path.startsWith("app_api/")) {
      request.header("harp-shared-key", KEY);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.discarding()).statusCode();
  }

  private int metricsThrough(String host) throws Exception {
    var exApp =
        """
        {"exapp_token": "s", "exapp_version": "1", "host": "%s", "port": %d,
         "routes": [{"url": ".*", "access_level": 0, "bruteforce_protection": []}]}
        """
            .formatted(host, admin);
    assertThat(ask("POST", "app_api/exapp_storage/spy", exApp)).isLessThan(300);
    return ask("GET", "spy/metrics", "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "0.0.0.0"})
  void nobodyReadsTheMetricsThroughAnExApp(String host) throws Exception {
    assertThat(metricsThrough(host)).isEqualTo(503);
  }
}
