// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code harp doctor} and {@code harp bans} beside a gateway that runs, and without one. */
class DoctorIT {

  private record Ended(int exitCode, String output) {

    JsonObject finding(String check) {
      return new JsonObject(output)
          .getJsonArray("findings", new JsonArray()).stream()
              .map(JsonObject.class::cast)
              .filter(it -> it.getString("check").equals(check))
              .findFirst()
              .orElseThrow(() -> new AssertionError("no finding of " + check + " in " + output));
    }
  }

  private final NextcloudDouble nextcloud = new NextcloudDouble(Stage.KEY);
  private final Map<String, String> environment = Stage.environment(nextcloud.port());
  private HarpProcess harp;

  @BeforeEach
  void prepare() {
    environment.put("HP_BLACKLIST_COUNT", "3");
    environment.put("HP_DOCKER_ENGINES", "24000=unix:///nowhere/docker.sock");
  }

  @AfterEach
  void stop() {
    if (harp != null) {
      harp.close();
    }
  }

  @Test
  void aRunningGatewayIsExaminedFromInside() throws Exception {
    start();

    var doctor = run("doctor", "--json", "--public-url", "http://127.0.0.1:" + port());

    assertThat(doctor.exitCode()).isEqualTo(2);
    assertThat(doctor.finding("ports").getString("severity")).isEqualTo("ok");
    assertThat(doctor.finding("public address").getString("seen"))
        .contains("comes back to this HaRP");
    assertThat(doctor.finding("engines").getString("seen"))
        .contains("unix:///nowhere/docker.sock", "does not exist");
    assertThat(doctor.finding("nextcloud").getString("remedy")).contains("NC_INSTANCE_URL");
    assertThat(doctor.output()).doesNotContain(Stage.KEY);
  }

  @Test
  void aFrontThatDoesNotForwardIsFoundWithTheLinesToWrite() throws Exception {
    start();

    var doctor = run("doctor", "--json", "--public-url", "http://127.0.0.1:" + nextcloud.port());

    var finding = doctor.finding("public address");
    assertThat(finding.getString("severity")).isEqualTo("failure");
    assertThat(finding.getString("remedy")).contains("location ^~ /exapps/", "ProxyPass /exapps/");
  }

  @Test
  void aTunnelClientWithoutTlsIsFoundWithWhatToChangeOnItsSide() throws Exception {
    start();
    // What an frpc without TLS begins with: a frame of its multiplexer.
    try (var client = new Socket(InetAddress.getLoopbackAddress(), portOf("HP_FRP_ADDRESS"))) {
      client.setSoTimeout(30_000);
      client.getOutputStream().write(new byte[] {0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0});
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }

    var finding = run("doctor", "--json").finding("tunnels");

    assertThat(finding.getString("severity")).isEqualTo("warning");
    assertThat(finding.getString("seen")).contains("127.0.0.1", "TLS is required here");
    assertThat(finding.getString("remedy")).contains("/certs/frp", "transport.tls");
  }

  @Test
  void bansAreSeenWithTheirReasonsAndEnded() throws Exception {
    start();
    for (var i = 0; i < 3; i++) {
      try (var wire = new Wire(port())) {
        wire.send(Wire.request("GET", "/exapps/app_api/info", List.of("harp-shared-key: wrong")))
            .answer();
      }
    }

    var listed = run("bans", "list");
    assertThat(listed.output()).contains("BANNED orders 127.0.0.1", "WRONG_KEY_FOR_ORDER");
    assertThat(harp.output()).contains("fingerprint");
    assertThat(run("bans", "clear", "127.0.0.1").exitCode()).isZero();
    assertThat(run("bans", "list").output()).doesNotContain("BANNED");
  }

  @Test
  void withoutAGatewayItExaminesWhatItCan() throws Exception {
    var doctor = run("doctor", "--json");

    assertThat(doctor.finding("ports").getString("seen")).contains("is free");
    assertThat(run("bans", "list").exitCode()).isEqualTo(1);
  }

  @Test
  void aConfigurationThatNothingStartsWithIsExplained() throws Exception {
    environment.put("HP_SHARED_KEY", "''");
    environment.put("HP_EXAPPS_ADDRESS", "nowhere");

    var doctor = run("doctor");

    assertThat(doctor.exitCode()).isEqualTo(2);
    assertThat(doctor.output()).contains("[FAIL]", "HP_SHARED_KEY", "HP_EXAPPS_ADDRESS");
  }

  private void start() {
    harp = HarpProcess.start(environment).awaitListening(adminPort());
  }

  private int port() {
    return portOf("HP_EXAPPS_ADDRESS");
  }

  private int adminPort() {
    return portOf("HP_ADMIN_ADDRESS");
  }

  private int portOf(String variable) {
    var address = environment.get(variable);
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  private Ended run(String... arguments) throws IOException, InterruptedException {
    var jar = Path.of(System.getProperty("harp.jar", "target/harp.jar"));
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var command = new ArrayList<>(List.of(java, "-jar", jar.toString()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().clear();
    builder.environment().putAll(new HashMap<>(environment));
    var process = builder.start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), output);
  }
}
