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
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A Docker engine on another host, which dials in with what {@code harp certs export} wrote, and
 * what becomes of orders when its client dies or the cable is cut.
 */
@Timeout(180)
class RemoteEngineIT {

  private static final String SLOW = "harp-test/slow:1";
  private static final Path FRPC =
      Path.of(System.getProperty("harp.root", ".."), "interop/bin/0.61.1/frpc").toAbsolutePath();
  private static final Path JAR =
      Path.of(System.getProperty("harp.jar", "target/harp.jar")).toAbsolutePath();
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  /** What the engine dials in with, each under a number of its own. */
  private enum Client {
    FRPC(24001, RemoteEngineIT.FRPC.toString()),
    HARP_TUNNEL(24002, JAVA, "-Xmx64m", "-jar", JAR.toString(), "tunnel");

    private final int port;
    private final List<String> program;

    Client(int port, String... program) {
      this.port = port;
      this.program = List.of(program);
    }
  }

  private static final int PORT = HarpProcess.freePort();
  private static final NextcloudDouble NEXTCLOUD = new NextcloudDouble(Stage.KEY);
  private static HarpProcess harp;
  private static RemoteEngine engine;
  private static Path certificates;

  private final Map<Client, Process> clients = new EnumMap<>(Client.class);

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(RemoteEngine.isPossible(), "takes root, dockerd, iproute2 and util-linux");
    assumeTrue(Files.isExecutable(FRPC), "no " + FRPC + "; interop/build makes it");
    assumeTrue(
        run(List.of("docker", "image", "inspect", "-f", "{{.Id}}", SLOW), Map.of())
            .startsWith("sha256:"),
        "no image " + SLOW + "; .ci/engines builds it");
    engine = RemoteEngine.start(SLOW);
    var environment = Stage.environment(NEXTCLOUD.port());
    environment.put("HP_EXAPPS_ADDRESS", "127.0.0.1:" + PORT);
    var tunnels = HarpProcess.freePort();
    environment.put("HP_FRP_ADDRESS", engine.addressOfHarp() + ":" + tunnels);
    harp = HarpProcess.start(environment).awaitListening(PORT);
    certificates = harp.certificates();
    for (var client : Client.values()) {
      export(client, tunnels);
    }
  }

  private static void export(Client client, int tunnels) throws IOException {
    var folder = engine.folder(client.name());
    var said =
        certs(
            "export",
            "--engine-port=" + client.port,
            "--server=" + engine.addressOfHarp(),
            "--server-port=" + tunnels,
            "--to=" + folder);
    var configuration = folder.resolve("frpc.toml");
    assertThat(configuration).as(said).exists();
    // The one thing that is not where it would be on a host of its own.
    var text = Files.readString(configuration);
    assertThat(text).contains("\"/var/run/docker.sock\"");
    Files.writeString(
        configuration, text.replace("/var/run/docker.sock", engine.socket().toString()));
  }

  private static String certs(String... arguments) throws IOException {
    var command = new ArrayList<>(List.of(JAVA, "-jar", JAR.toString(), "certs"));
    command.addAll(List.of(arguments));
    return run(command, Map.of("HP_CERTS_DIR", certificates.toString()));
  }

  @AfterEach
  void stopClients() {
    clients.values().forEach(Process::destroyForcibly);
  }

  @AfterAll
  static void stop() {
    try {
      if (harp != null) {
        harp.close();
      }
    } finally {
      if (engine != null) {
        engine.close();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anOrderWhoseClientDiesFailsAtOnceAndTheNextTryWorks(Client client) throws Exception {
    var exApp = new ExApp(client);
    connect(client);
    assertThat(exApp.order("create").status()).isEqualTo(201);
    // The update of its trust store takes for ever.
    var hanging =
        CompletableFuture.supplyAsync(
            () ->
                exApp.order(
                    "install_certificates",
                    new JsonObject()
                        .put("install_frp_certs", false)
                        .put(
                            "system_certs_bundle",
                            "-----BEGIN CERTIFICATE-----\nMQ==\n-----END CERTIFICATE-----\n")));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> engine.docker("top", exApp.container()).contains("update-ca"));

    clients.get(client).destroyForcibly().waitFor();

    assertThat(hanging)
        .succeedsWithin(Duration.ofSeconds(30))
        .satisfies(answer -> exApp.assertFailedClearly(answer));
    var refused = exApp.order("exists");
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.text()).contains("engine " + client.port + ": not connected");

    connect(client);
    assertThat(exApp.order("remove").status()).isEqualTo(204);
    assertThat(exApp.order("create").status()).isEqualTo(201);
    assertThat(exApp.order("remove").status()).isEqualTo(204);
    exApp.assertNothingIsLeft();
  }

  @Test
  void ordersWhoseCableIsCutFailInBoundedTimeLeaveNothingAndTheNextTryWorks() throws Exception {
    var exApps = List.of(new ExApp(Client.FRPC), new ExApp(Client.HARP_TUNNEL));
    for (var exApp : exApps) {
      connect(exApp.client);
    }
    // An engine that does not answer keeps an order in its middle.
    engine.freeze();
    var before = engine.connections();
    var hanging = new ArrayList<CompletableFuture<Answer>>();
    exApps.forEach(
        exApp -> hanging.add(CompletableFuture.supplyAsync(() -> exApp.order("create"))));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> engine.connections() == before + exApps.size());

    engine.cutCable();

    // No packet says that the other side has gone; keep-alive finds out: 30 s of silence, 10 s for
    // an
    // answer.
    for (int i = 0; i < exApps.size(); i++) {
      var exApp = exApps.get(i);
      assertThat(hanging.get(i))
          .succeedsWithin(Duration.ofSeconds(50))
          .satisfies(answer -> exApp.assertFailedClearly(answer));
    }
    engine.thaw();
    engine.mendCable();

    for (var exApp : exApps) {
      awaitConnected(exApp.client);
      exApp.assertNothingIsLeft();
      assertThat(exApp.order("create").status()).isEqualTo(201);
      assertThat(exApp.order("exists").text()).contains("true");
      assertThat(exApp.order("remove").status()).isEqualTo(204);
      exApp.assertNothingIsLeft();
    }
  }

  @Test
  void renewedCertificatesReachARunningContainer() throws Exception {
    var exApp = new ExApp(Client.FRPC);
    connect(exApp.client);
    assertThat(exApp.order("create").status()).isEqualTo(201);
    assertThat(exApp.order("start").status()).isEqualTo(204);
    becomeKnown(exApp);

    assertThat(certs("renew")).contains("client.crt");
    harp.hangUp();

    var renewed = Files.readString(certificates.resolve("frp/client.crt"));
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(engine.docker("exec", exApp.container(), "cat", "/certs/frp/client.crt"))
                    .as(harp::output)
                    .isEqualTo(renewed));
    assertThat(harp.output()).contains("harp certs export --engine-port " + exApp.client.port);
    assertThat(exApp.order("remove").status()).isEqualTo(204);
  }

  /** By a request of a browser; that nobody answers it does not matter. */
  private static void becomeKnown(ExApp exApp) {
    NEXTCLOUD.register(exApp.name, 23900, List.of(NextcloudDouble.route(".*", 0)));
    try (var wire = new Wire(PORT, Duration.ofSeconds(30))) {
      wire.send(Wire.request("GET", "/exapps/" + exApp.name + "/", List.of())).answer();
    }
  }

  private void connect(Client client) throws IOException {
    var command = new ArrayList<>(client.program);
    command.addAll(List.of("-c", "frpc.toml"));
    clients.put(
        client,
        engine.run(command, Map.of("HP_SHARED_KEY", Stage.KEY), engine.folder(client.name())));
    awaitConnected(client);
  }

  private static void awaitConnected(Client client) {
    var anybody = new ExApp(client);
    await()
        .atMost(Duration.ofSeconds(40))
        .untilAsserted(
            () ->
                assertThat(anybody.order("exists").status())
                    .as(() -> log(client) + harp.output())
                    .isEqualTo(200));
  }

  private static String log(Client client) {
    try {
      return Files.readString(engine.folder(client.name()).resolve("client.log"));
    } catch (IOException e) {
      return "nothing was logged: " + e;
    }
  }

  /** One ExApp on the remote engine and the orders about it. */
  private record ExApp(Client client, String name) {

    ExApp(Client client) {
      this(client, "remote" + UUID.randomUUID().toString().substring(0, 8));
    }

    String container() {
      return "nc_app_" + name;
    }

    Answer order(String order) {
      return order(
          order,
          switch (order) {
            case "create" -> new JsonObject().put("image_id", SLOW);
            case "remove" -> new JsonObject().put("remove_data", true);
            default -> new JsonObject();
          });
    }

    Answer order(String order, JsonObject body) {
      var named = body.put("name", name).encode();
      var lines =
          List.of(
              "harp-shared-key: " + Stage.KEY,
              "docker-engine-port: " + client.port,
              "Content-Length: " + named.length());
      var target = "/exapps/app_api/docker/exapp/" + order;
      try (var wire = new Wire(PORT, Duration.ofSeconds(90))) {
        return wire.send(Wire.request("POST", target, lines) + named).answer();
      }
    }

    void assertFailedClearly(Answer answer) {
      assertThat(answer.status()).as(answer.text()).isIn(500, 503);
      assertThat(answer.text()).contains("engine " + client.port, container());
    }

    void assertNothingIsLeft() throws IOException {
      assertThat(engine.docker("ps", "-aq", "--filter", "name=" + name)).isEmpty();
      assertThat(engine.docker("volume", "ls", "-q", "--filter", "name=" + name)).isEmpty();
    }
  }

  private static String run(List<String> command, Map<String, String> environment)
      throws IOException {
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return new String(builder.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
