// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The whole life of an ExApp as AppAPI orders it, on real engines: container, certificates, start,
 * tunnel, heartbeat, a browser's request, stop, removal. The ExApp is that of {@code
 * interop/exapp}, which dials in with real frpc or with our own tunnel client.
 */
@Timeout(180)
class DeployIT {

  private static final Path DOCKER = Path.of("/var/run/docker.sock");
  private static final Path PODMAN = Path.of("/run/podman/podman.sock");

  private static final NextcloudDouble NEXTCLOUD = new NextcloudDouble(Stage.KEY);
  private static final int PORT = HarpProcess.freePort();
  private static String frpPort;
  private static HarpProcess harp;

  @BeforeAll
  static void start() {
    var environment = Stage.environment(NEXTCLOUD.port());
    environment.put("HP_EXAPPS_ADDRESS", "127.0.0.1:" + PORT);
    environment.put("HP_DOCKER_ENGINES", "24000=unix://" + DOCKER + ",24001=unix://" + PODMAN);
    environment.put("HP_ALLOWED_MOUNTS", jarFolder());
    frpPort = environment.get("HP_FRP_ADDRESS").split(":")[1];
    harp = HarpProcess.start(environment).awaitListening(PORT);
  }

  @AfterAll
  static void stop() {
    harp.close();
  }

  @ParameterizedTest(name = "engine {0}, {1} in the container, port {2}")
  @CsvSource({"24000,frpc,23101", "24000,harp,23102", "24001,frpc,23103"})
  @DisplayName("an ExApp is deployed, used and removed")
  void theLifeOfAnExApp(int engine, String tunnelClient, int appPort) throws Exception {
    assumeImage(engine);
    var app = "deploy" + UUID.randomUUID().toString().substring(0, 8);
    NEXTCLOUD.register(
        app,
        appPort,
        List.of(NextcloudDouble.route("^/public", 0), NextcloudDouble.route(".*", 2)));
    var life = new Life(engine, app, appPort);
    try {
      life.order("create", life.container(tunnelClient), 201);
      assertThat(inspect(engine, app))
          .as("W1: the shared key is none of the container's")
          .contains("HP_SHARED_KEY=harp2." + app + "." + appPort + ".")
          .doesNotContain(Stage.KEY);
      life.order(
          "install_certificates",
          new JsonObject().put("install_frp_certs", true).put("system_certs_bundle", bundle()),
          204);
      life.order("start", new JsonObject(), 204);
      assertThat(json(life.order("wait_for_start", new JsonObject(), 200)).getBoolean("started"))
          .isTrue();

      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofSeconds(1))
          .untilAsserted(
              () -> assertThat(life.signed("GET", "/heartbeat").status()).isEqualTo(200));
      assertThat(json(life.signed("GET", "/heartbeat")).getString("status")).isEqualTo("ok");
      assertThat(life.signed("POST", "/init").status()).isEqualTo(200);
      assertThat(json(life.signed("PUT", "/enabled?enabled=1")).getString("error")).isEmpty();

      assertThat(browser("/exapps/" + app + "/public/page?x=1").text())
          .contains("GET /public/page?x=1")
          .contains("ex-app-id: " + app);
      assertThat(browser("/exapps/" + app + "/admin").status()).isIn(401, 403, 404);
      assertThat(json(life.order("exists", new JsonObject(), 200)))
          .isEqualTo(new JsonObject().put("exists", true).put("image_ref", image(engine)));

      life.order("stop", new JsonObject(), 204);
      life.order("stop", new JsonObject(), 200);
    } finally {
      life.order("remove", new JsonObject().put("remove_data", true), 204);
    }
    assertThat(json(life.order("exists", new JsonObject(), 200)).getBoolean("exists")).isFalse();
    assertThat(harp.output()).doesNotContain(Stage.KEY).doesNotContain("app-secret");
  }

  /** One ExApp and the orders about it. */
  private record Life(int engine, String app, int appPort) {

    JsonObject container(String tunnelClient) {
      return new JsonObject()
          .put("image_id", "harp-test/exapp:1")
          .put("network_mode", "host")
          .put("restart_policy", "unless-stopped")
          .put("compute_device", "cpu")
          .put(
              "mount_points",
              new JsonArray()
                  .add(
                      new JsonObject()
                          .put("source", jarFolder())
                          .put("target", "/opt/harp")
                          .put("mode", "ro")))
          .put(
              "environment_variables",
              new JsonArray(
                  List.of(
                      "APP_SECRET=app-secret",
                      "APP_ID=" + app,
                      "APP_HOST=127.0.0.1",
                      "APP_PORT=" + appPort,
                      "APP_PERSISTENT_STORAGE=/nc_app_" + app + "_data",
                      "TUNNEL_CLIENT=" + tunnelClient,
                      "HP_FRP_ADDRESS=127.0.0.1",
                      "HP_FRP_PORT=" + frpPort,
                      "HP_SHARED_KEY=" + Stage.KEY)));
    }

    Answer order(String order, JsonObject body, int status) {
      var answer =
          send(
              "POST",
              "/exapps/app_api/docker/exapp/" + order,
              body.put("name", app).encode(),
              "harp-shared-key: " + Stage.KEY,
              "docker-engine-port: " + engine);
      assertThat(answer.status())
          .as(order + ": " + answer + "\n" + harp.output())
          .isEqualTo(status);
      return answer;
    }

    Answer signed(String method, String path) {
      var user = Base64.getEncoder().encodeToString(":app-secret".getBytes(StandardCharsets.UTF_8));
      return send(
          method,
          "/exapps/" + app + path,
          "",
          "EX-APP-ID: " + app,
          "EX-APP-VERSION: 1.2.3",
          "AUTHORIZATION-APP-API: " + user,
          "ex-app-host: 127.0.0.1",
          "ex-app-port: " + appPort,
          "harp-shared-key: " + Stage.KEY);
    }
  }

  private static Answer browser(String target) {
    return send("GET", target, "");
  }

  private static Answer send(String method, String target, String body, String... headers) {
    var lines = new ArrayList<>(List.of(headers));
    lines.add("Content-Length: " + body.length());
    try (var wire = new Wire(PORT, Duration.ofSeconds(120))) {
      return wire.send(Wire.request(method, target, lines) + body).answer();
    }
  }

  private static JsonObject json(Answer answer) {
    return new JsonObject(answer.text());
  }

  private static String jarFolder() {
    return Path.of(System.getProperty("harp.jar", "target/harp.jar"))
        .toAbsolutePath()
        .getParent()
        .toString();
  }

  private static String image(int engine) {
    return engine == 24000 ? "harp-test/exapp:1" : "localhost/harp-test/exapp:1";
  }

  /** One authority of this machine, for the container's system. */
  private static String bundle() throws Exception {
    var all = Files.readString(Path.of("/etc/ssl/certs/ca-certificates.crt"));
    var end = "-----END CERTIFICATE-----\n";
    return all.substring(0, all.indexOf(end) + end.length());
  }

  private static void assumeImage(int engine) throws Exception {
    var socket = engine == 24000 ? DOCKER : PODMAN;
    assumeTrue(Files.exists(socket), "no engine on " + socket + "; .ci/engines starts one");
    assumeTrue(
        run(engine, "image", "inspect", image(engine)).length() > 2,
        "no harp-test/exapp:1 on " + socket + "; .ci/engines builds it");
  }

  private static String inspect(int engine, String app) throws Exception {
    return run(engine, "container", "inspect", "nc_app_" + app);
  }

  private static String run(int engine, String... arguments) throws Exception {
    var command = new ArrayList<String>();
    command.addAll(
        engine == 24000
            ? List.of("docker", "-H", "unix://" + DOCKER)
            : List.of("podman", "--remote", "--url", "unix://" + PODMAN));
    command.addAll(List.of(arguments));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor(30, TimeUnit.SECONDS);
    return process.exitValue() == 0 ? output : "";
  }
}
