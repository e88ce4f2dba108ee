// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Docker engine behind real frpc, and what becomes of an order when the link breaks. */
@Timeout(120)
class RemoteEngineIT {

  private static final Path DOCKER = Path.of("/var/run/docker.sock");
  private static final String SLOW = "harp-test/slow:1";
  private static final Path FRPC =
      Path.of(System.getProperty("harp.root", ".."), "interop/bin/0.61.1/frpc");

  private final String app = "remote" + UUID.randomUUID().toString().substring(0, 8);
  private final int port = HarpProcess.freePort();

  @TempDir private Path folder;
  private HarpProcess harp;
  private Process frpc;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(Files.exists(DOCKER), "no engine on " + DOCKER + "; .ci/engines starts one");
    assumeTrue(Files.isExecutable(FRPC), "no " + FRPC + "; interop/build makes it");
    assumeTrue(
        docker("image", "inspect", "-f", "{{.Id}}", SLOW).startsWith("sha256:"),
        "no image " + SLOW + "; .ci/engines builds it");
    var environment = Stage.environment(new NextcloudDouble(Stage.KEY).port());
    environment.put("HP_EXAPPS_ADDRESS", "127.0.0.1:" + port);
    harp = HarpProcess.start(environment).awaitListening(port);
    writeConfiguration(
        environment.get("HP_FRP_ADDRESS").split(":")[1],
        Path.of(environment.get("HP_CERTS_DIR"), "frp"));
    connect();
  }

  @AfterEach
  void stop() {
    // A test that was skipped has none.
    if (harp != null) {
      frpc.destroyForcibly();
      harp.close();
    }
  }

  @Test
  void ordersReachItAndFailClearlyWithoutIt() throws Exception {
    assertThat(order("exists", "{}").text()).contains("false");

    disconnect();

    var refused = order("exists", "{}");
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.text()).contains("24001");

    connect();
    assertThat(order("exists", "{}").text()).contains("false");
  }

  @Test
  void anOrderWhoseLinkBreaksFailsAndTheNextTryWorks() throws Exception {
    assertThat(order("create", "{\"image_id\": \"" + SLOW + "\"}").status()).isEqualTo(201);
    try {
      // The update of its trust store takes for ever.
      var certificate = "-----BEGIN CERTIFICATE-----\\nMQ==\\n-----END CERTIFICATE-----\\n";
      var hanging =
          CompletableFuture.supplyAsync(
              () ->
                  order(
                      "install_certificates",
                      "{\"install_frp_certs\": false, \"system_certs_bundle\": \""
                          + certificate
                          + "\"}"));
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> docker("top", "nc_app_" + app).contains("update-ca"));

      disconnect();

      assertThat(hanging)
          .succeedsWithin(Duration.ofSeconds(30))
          .satisfies(
              answer -> {
                assertThat(answer.status()).isIn(500, 503);
                assertThat(answer.text()).contains("engine 24001");
              });
      connect();
      assertThat(order("remove", "{\"remove_data\": true}").status()).isEqualTo(204);
      assertThat(order("create", "{\"image_id\": \"" + SLOW + "\"}").status()).isEqualTo(201);
    } finally {
      connect();
      order("remove", "{\"remove_data\": true}");
    }
  }

  private void writeConfiguration(String frpPort, Path certificates) throws IOException {
    Files.writeString(
        folder.resolve("frpc.toml"),
        """
        serverAddr = "127.0.0.1"
        serverPort = %s
        loginFailExit = false
        transport.tls.certFile = "%s/client.crt"
        transport.tls.keyFile = "%s/client.key"
        transport.tls.trustedCaFile = "%s/ca.crt"
        transport.tls.serverName = "harp.nc"
        metadatas.token = "%s"
        [[proxies]]
        name = "deploy-daemon-1"
        type = "tcp"
        remotePort = 24001
        [proxies.plugin]
        type = "unix_domain_socket"
        unixPath = "%s"
        """
            .formatted(frpPort, certificates, certificates, certificates, Stage.KEY, DOCKER));
  }

  private void connect() throws IOException {
    if (frpc == null || !frpc.isAlive()) {
      frpc =
          new ProcessBuilder(FRPC.toString(), "-c", folder.resolve("frpc.toml").toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("frpc.log").toFile())
              .start();
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(order("exists", "{}").status()).as(harp.output()).isEqualTo(200));
  }

  private void disconnect() throws InterruptedException {
    frpc.destroyForcibly().waitFor();
    await().atMost(Duration.ofSeconds(30)).until(() -> order("exists", "{}").status() == 503);
  }

  private Answer order(String order, String body) {
    var named = new JsonObject(body).put("name", app).encode();
    var lines =
        List.of(
            "harp-shared-key: " + Stage.KEY,
            "docker-engine-port: 24001",
            "Content-Length: " + named.length());
    try (var wire = new Wire(port, Duration.ofSeconds(60))) {
      return wire.send(Wire.request("POST", "/exapps/app_api/docker/exapp/" + order, lines) + named)
          .answer();
    }
  }

  private static String docker(String... arguments) throws IOException {
    var command = new ArrayList<>(List.of("docker", "-H", "unix://" + DOCKER));
    command.addAll(List.of(arguments));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
