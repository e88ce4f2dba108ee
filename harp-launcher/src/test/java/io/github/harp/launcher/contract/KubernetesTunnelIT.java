// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static io.github.harp.launcher.contract.ClusterOrders.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.kubernetes.testing.RealCluster;
import io.github.harp.kubernetes.testing.Tenancy;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An ExApp in a real pod that dials in with real frpc, since HaRP does not reach the pod. */
@ExtendWith(RealCluster.class)
@Timeout(180)
class KubernetesTunnelIT {

  /** Where pods of the test's cluster reach this machine. */
  private static final String HOST = "10.98.0.1";

  private static final String APP = "dialin";
  private static final NextcloudDouble NEXTCLOUD = new NextcloudDouble(Stage.KEY);

  @TempDir static Path folder;
  @TempDir static Path certificates;
  private static Tenancy tenancy;
  private static ClusterOrders harp;

  @BeforeAll
  static void start() throws Exception {
    tenancy = new Tenancy();
    var frp = HOST + ":" + HarpProcess.freePort();
    harp =
        ClusterOrders.start(
            tenancy,
            NEXTCLOUD,
            folder,
            Map.of(
                "HP_FRP_ADDRESS", frp,
                "HP_K8S_FRP_ADDRESS", frp,
                "HP_CERTS_DIR", certificates.toString()));
  }

  @AfterAll
  static void stop() {
    harp.close();
    tenancy.close();
  }

  @Test
  @DisplayName(
      "W1: an ExApp in a cluster dials in with a token of its own and renewed certificates")
  void anExAppDialsIn() throws Exception {
    NEXTCLOUD.register(APP, 23001, List.of(NextcloudDouble.route(".*", 0)));

    harp.order(APP, "create", container(), 201);
    harp.order(APP, "start", new JsonObject(), 204);
    harp.order(
        APP,
        "install_certificates",
        new JsonObject().put("install_frp_certs", false).putNull("system_certs_bundle"),
        204);
    var started = json(harp.order(APP, "wait_for_start", new JsonObject(), 200));
    assertThat(started.getBoolean("started")).as(started.encode()).isTrue();
    var exposed = json(harp.order(APP, "expose", new JsonObject().put("port", 23001), 200));
    assertThat(exposed.getString("host")).isEqualTo("127.0.0.1");
    assertThat(exposed.getInteger("port")).isEqualTo(23001);

    assertReached();
    assertThat(RealCluster.kubectl("get", "deployment,secret", "-o", "yaml", "-n", namespace()))
        .contains("harp2." + APP + ".23001.")
        .doesNotContain(Stage.KEY);
    assertThat(
            harp.send("POST", "/exapps/app_api/exapp_storage/" + APP, ClusterOrders.metadata(23001))
                .status())
        .isEqualTo(204);
    assertReached();

    renewCertificates();
    var renewed = Files.readString(certificates.resolve("frp/client.crt"));
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(inSecret()).as(harp::output).isEqualTo(renewed));
    assertReached();

    harp.order(APP, "remove", new JsonObject().put("remove_data", true), 204);
    await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(inSecret()).isEmpty());
    assertThat(harp.output()).doesNotContain(Stage.KEY).doesNotContain("app-secret");
  }

  /** What AppAPI orders: nothing in it says that it is to dial in. */
  private static JsonObject container() {
    return ClusterOrders.container(
        "APP_SECRET=app-secret",
        "APP_ID=" + APP,
        "APP_HOST=0.0.0.0",
        "APP_PORT=23001",
        "APP_PERSISTENT_STORAGE=/nc_app_" + APP + "_data");
  }

  private static void assertReached() {
    await()
        .atMost(Duration.ofSeconds(90))
        .untilAsserted(
            () ->
                assertThat(harp.send("GET", "/exapps/" + APP + "/page", "").text())
                    .as(() -> harp.output())
                    .contains("path /page", "APP_ID=" + APP));
  }

  /** As an administrator does. */
  private static void renewCertificates() throws Exception {
    var command =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                System.getProperty("harp.jar", "target/harp.jar"),
                "certs",
                "renew")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    command.environment().put("HP_CERTS_DIR", certificates.toString());
    assertThat(command.start().waitFor()).isZero();
    harp.harp().hangUp();
  }

  private static String namespace() {
    return tenancy.namespace();
  }

  private static String inSecret() {
    var text =
        RealCluster.kubectl(
            "get",
            "secret",
            "nc-app-" + APP + "-frp",
            "--ignore-not-found",
            "-n",
            namespace(),
            "-o",
            "jsonpath={.data.client\\.crt}");
    return new String(Base64.getDecoder().decode(text.strip()), UTF_8);
  }
}
