// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static io.github.harp.launcher.contract.ClusterOrders.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.kubernetes.testing.RealCluster;
import io.github.harp.kubernetes.testing.Tenancy;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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

  @TempDir static Path folder;
  private static Tenancy tenancy;
  private static ClusterOrders harp;

  @BeforeAll
  static void start() throws Exception {
    tenancy = new Tenancy();
    harp = ClusterOrders.start(tenancy, NEXTCLOUD, folder, Map.of());
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

    assertThat(json(harp.send("GET", "/exapps/app_api/info", "")).getJsonObject("kubernetes"))
        .isEqualTo(
            new JsonObject()
                .put("enabled", true)
                .put("api_server", RealCluster.server())
                .put("reachable", true));
    assertThat(json(harp.order(APP, "exists", new JsonObject(), 200)).getBoolean("exists"))
        .isFalse();
    assertThat(json(harp.order(APP, "create", container(), 201)))
        .isEqualTo(new JsonObject().put("name", "nc-app-demo"));
    harp.order(APP, "create", container(), 409);
    harp.order(APP, "start", new JsonObject(), 204);
    harp.order(APP, "install_certificates", new JsonObject(), 204);
    var started = json(harp.order(APP, "wait_for_start", new JsonObject(), 200));
    assertThat(started.getBoolean("started")).as(started.encode()).isTrue();
    var exposed = json(harp.order(APP, "expose", new JsonObject().put("port", 23000), 200));
    assertThat(exposed.getString("host")).startsWith("10.96.");
    assertThat(exposed.getString("namespace")).isEqualTo(tenancy.namespace());

    // A Service serves a moment later.
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(harp.send("GET", "/exapps/demo/page", "").text())
                    .contains("path /page", "starts 1", "APP_ID=demo"));
    assertThat(
            harp.send("POST", "/exapps/app_api/exapp_storage/demo", ClusterOrders.metadata(23000))
                .status())
        .isEqualTo(204);
    assertThat(harp.send("GET", "/exapps/demo/page", "").status())
        .as("Nextcloud says 127.0.0.1, the cluster knows better")
        .isEqualTo(200);

    harp.order(APP, "stop", new JsonObject(), 204);
    harp.order(APP, "stop", new JsonObject(), 204);
    RealCluster.kubectlWhateverTheEnd(
        "wait", "-n=" + tenancy.namespace(), "--for=delete", "pods", "--all");
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(harp.send("GET", "/exapps/demo/page", "").status())
                    .as("a Service without pods is tried again, as what nobody listens on is")
                    .isEqualTo(503));
    harp.order(APP, "remove", new JsonObject().put("remove_data", true), 204);
    assertThat(json(harp.order(APP, "exists", new JsonObject(), 200)).getBoolean("exists"))
        .isFalse();
    harp.order(APP, "start", new JsonObject(), 404);
    assertThat(harp.output())
        .contains("/k8s/exapp/expose", "reason=ORDER place=cluster", "app=demo place=cluster")
        .doesNotContain(Stage.KEY)
        .doesNotContain(tenancyTokenStart());
  }

  private static JsonObject container() {
    return ClusterOrders.container(
        "APP_ID=" + APP,
        "APP_PORT=23000",
        "APP_PERSISTENT_STORAGE=/nc_app_demo_data",
        "HP_SHARED_KEY=" + Stage.KEY);
  }

  /** Every token of an account begins like this. */
  private static String tenancyTokenStart() {
    return tenancy.token().substring(0, 20);
  }
}
