// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.kubernetes.testing.RealCluster;
import io.github.harp.kubernetes.testing.Tenancy;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole life of an ExApp as AppAPI orders it for a cluster: a real one, with a real pod that a
 * browser reaches through HaRP.
 */
@ExtendWith(RealCluster.class)
@Timeout(180)
class KubernetesIT {

  private static final String APP = "demo";
  private static final NextcloudDouble NEXTCLOUD = new NextcloudDouble(Stage.KEY);
  private static final int PORT = HarpProcess.freePort();

  @TempDir static Path folder;
  private static Tenancy tenancy;
  private static HarpProcess harp;

  @BeforeAll
  static void start() throws Exception {
    tenancy = new Tenancy();
    var token = Files.writeString(folder.resolve("token"), tenancy.token());
    var environment = Stage.environment(NEXTCLOUD.port());
    environment.put("HP_EXAPPS_ADDRESS", "127.0.0.1:" + PORT);
    environment.put("HP_DOCKER_ENGINES", "");
    environment.put("HP_K8S_ENABLED", "true");
    environment.put("HP_K8S_API_SERVER", RealCluster.server());
    environment.put("HP_K8S_NAMESPACE", tenancy.namespace());
    environment.put("HP_K8S_BEARER_TOKEN_FILE", token.toString());
    environment.put("HP_K8S_CA_FILE", RealCluster.ca().toString());
    environment.put("HP_K8S_DEFAULT_STORAGE_SIZE", "10Mi");
    harp = HarpProcess.start(environment).awaitListening(PORT);
  }

  @AfterAll
  static void stop() {
    harp.close();
    tenancy.close();
  }

  @Test
  @DisplayName("an ExApp is deployed, used and removed")
  void theLifeOfAnExApp() {
    NEXTCLOUD.register(APP, 23000, List.of(NextcloudDouble.route(".*", 0)));

    assertThat(json(send("GET", "/exapps/app_api/info", "")).getJsonObject("kubernetes"))
        .isEqualTo(
            new JsonObject()
                .put("enabled", true)
                .put("api_server", RealCluster.server())
                .put("reachable", true));
    assertThat(json(order("exists", new JsonObject(), 200)).getBoolean("exists")).isFalse();
    assertThat(json(order("create", container(), 201)))
        .isEqualTo(new JsonObject().put("name", "nc-app-demo"));
    order("create", container(), 409);
    order("start", new JsonObject(), 204);
    order("install_certificates", new JsonObject(), 204);
    var started = json(order("wait_for_start", new JsonObject(), 200));
    assertThat(started.getBoolean("started")).as(started.encode()).isTrue();
    var exposed = json(order("expose", new JsonObject().put("port", 23000), 200));
    assertThat(exposed.getString("host")).startsWith("10.96.");
    assertThat(exposed.getString("namespace")).isEqualTo(tenancy.namespace());

    // A Service serves a moment later.
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(send("GET", "/exapps/demo/page", "").text())
                    .contains("path /page", "starts 1", "APP_ID=demo"));
    assertThat(send("POST", "/exapps/app_api/exapp_storage/demo", METADATA).status())
        .isEqualTo(204);
    assertThat(send("GET", "/exapps/demo/page", "").status())
        .as("Nextcloud says 127.0.0.1, the cluster knows better")
        .isEqualTo(200);

    order("stop", new JsonObject(), 204);
    order("stop", new JsonObject(), 204);
    order("remove", new JsonObject().put("remove_data", true), 204);
    assertThat(json(order("exists", new JsonObject(), 200)).getBoolean("exists")).isFalse();
    order("start", new JsonObject(), 404);
    assertThat(harp.output()).doesNotContain(Stage.KEY).doesNotContain(tenancyTokenStart());
  }

  private static final String METADATA =
      """
      {"exapp_token": "app-secret", "exapp_version": "1.2.3", "host": "127.0.0.1", "port": 23000,
       "routes": [{"url": ".*", "access_level": 0}]}
      """;

  private static JsonObject container() {
    return new JsonObject()
        .put("image", RealCluster.IMAGE)
        .put("compute_device", "cpu")
        .put(
            "environment_variables",
            new JsonArray(
                List.of(
                    "APP_ID=" + APP,
                    "APP_PORT=23000",
                    "APP_PERSISTENT_STORAGE=/nc_app_demo_data",
                    "HP_SHARED_KEY=" + Stage.KEY)));
  }

  /** Every token of an account begins like this. */
  private static String tenancyTokenStart() {
    return tenancy.token().substring(0, 20);
  }

  private static Answer order(String order, JsonObject body, int status) {
    var answer = send("POST", "/exapps/app_api/k8s/exapp/" + order, body.put("name", APP).encode());
    assertThat(answer.status()).as(order + ": " + answer + "\n" + harp.output()).isEqualTo(status);
    return answer;
  }

  private static Answer send(String method, String target, String body) {
    var lines = new ArrayList<String>();
    if (target.startsWith("/exapps/app_api/")) {
      lines.add("harp-shared-key: " + Stage.KEY);
    }
    lines.add("Content-Length: " + body.length());
    try (var wire = new Wire(PORT, Duration.ofSeconds(120))) {
      return wire.send(Wire.request(method, target, lines) + body).answer();
    }
  }

  private static JsonObject json(Answer answer) {
    return new JsonObject(answer.text());
  }
}
