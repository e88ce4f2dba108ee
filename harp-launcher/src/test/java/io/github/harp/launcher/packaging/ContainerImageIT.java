// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image, built from {@code packaging/Dockerfile} on bases that need no registry, and run. */
class ContainerImageIT {

  private static final String JDK = "harp-test/jdk:1";
  private static final String DEBIAN = "harp-test/debian:1";
  private static final Path COMPOSE =
      Path.of(System.getProperty("harp.root", ".."), "packaging", "compose");
  private static final String KEY = "a shared key of forty characters or so..";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String ID = "it-" + ProcessHandle.current().pid();
  private static final String BUILT = "harp-test/harp-run-time:" + ID;
  private static final String IMAGE = "harp-test/harp:" + ID;

  @TempDir Path folder;

  private final List<String> containers = new ArrayList<>();

  @BeforeAll
  static void build() throws Exception {
    assumeTrue(Docker.succeeds("version"), "no Docker engine; .ci/engines starts one");
    assumeTrue(Docker.succeeds("image", "inspect", JDK), "no " + JDK + "; .ci/engines builds it");
    // With a name of its own, the first stage can be removed afterwards.
    build("--target", "run-time", "--tag", BUILT);
    build("--tag", IMAGE);
  }

  private static void build(String... options) throws Exception {
    var root = Path.of(System.getProperty("harp.root", "..")).toAbsolutePath().normalize();
    var command =
        new ArrayList<>(
            List.of("build", "--quiet", "--file", root.resolve("packaging/Dockerfile").toString()));
    command.addAll(List.of("--build-arg", "BUILD_IMAGE=" + JDK));
    command.addAll(List.of("--build-arg", "RUN_IMAGE=" + DEBIAN));
    command.addAll(List.of(options));
    command.add(root.toString());
    Docker.run(command.toArray(String[]::new));
  }

  @AfterEach
  void removeContainers() throws Exception {
    for (var container : containers) {
      Docker.run("rm", "--force", "--volumes", container);
    }
  }

  @AfterAll
  static void removeImages() throws Exception {
    Docker.succeeds("image", "rm", IMAGE);
    Docker.succeeds("image", "rm", BUILT);
  }

  @Test
  void itSaysHowItIsCheckedAndStopped() throws Exception {
    assertThat(inspect(IMAGE, ".Config.StopSignal")).isEqualTo("SIGTERM");
    assertThat(inspect(IMAGE, ".Config.User")).isEmpty();
    assertThat(inspect(IMAGE, "json .Config.Healthcheck"))
        .contains("/healthcheck.sh", "\"Interval\":10000000000", "\"Timeout\":10000000000")
        .contains("\"Retries\":9");
  }

  @Test
  void itWorksWithoutAnythingThatCanBeTakenAway() throws Exception {
    var container =
        start(
            "--read-only", "--user", "10001", "--cap-drop", "ALL", "--publish", "127.0.0.1::8780");
    awaitHealthy(container);

    assertThat(get(container, "/exapps/app_api/info", KEY).body()).contains("\"version\"");
    assertThat(get(container, "/exapps/app_api/info", "wrong").statusCode()).isNotEqualTo(200);
    assertThat(Docker.run("logs", container))
        .contains("ready:")
        .contains("/certs")
        .doesNotContain(KEY);
    assertThat(Docker.run("exec", container, "cat", "/proc/1/maps"))
        .as("the class archive and the native transport are used")
        .containsPattern("/opt/harp/lib/harp-[0-9.]+\\.(jsa|aot)")
        .contains("/opt/harp/lib/native/libnetty_transport_native_epoll");

    // After eight seconds it would be killed, which is 137.
    Docker.run("stop", "--time", "8", container);
    assertThat(inspect(container, ".State.ExitCode")).isEqualTo("0");
  }

  @Test
  void asRootItKeepsItsCertificates() throws Exception {
    var container = start("--volume", "/certs");
    awaitHealthy(container);

    assertThat(Docker.run("exec", container, "ls", "/certs/frp")).contains("ca.key", "client.crt");
    assertThat(Docker.run("exec", container, "harp", "certs", "show")).contains("valid until");
  }

  @Test
  void theHealthCheckNamesWhatIsWrong() throws Exception {
    var container = start();
    awaitHealthy(container);

    var nobody = "HP_FRP_ADDRESS=127.0.0.1:9";
    assertThat(Docker.succeeds("exec", container, "/healthcheck.sh")).isTrue();
    assertThat(Docker.failure("exec", "--env", nobody, container, "/healthcheck.sh"))
        .contains("HP_FRP_ADDRESS: nobody listens on 127.0.0.1:9");
    assertThat(
            Docker.failure(
                "exec", "--env", "HP_ADMIN_ADDRESS=127.0.0.1:9", container, "/healthcheck.sh"))
        .contains("HP_ADMIN_ADDRESS");
    // The same in other words, and several.
    assertThat(
            Docker.succeeds(
                "exec",
                "--env",
                "HP_EXAPPS_ADDRESS=\"*:8780, [::ffff:127.0.0.1]:8780\"",
                "--env",
                "HP_ADMIN_ADDRESS=off",
                container,
                "/healthcheck.sh"))
        .isTrue();
  }

  @Test
  void theServicesOfTheComposeFilesWorkTogether() throws Exception {
    assumeTrue(Files.exists(Path.of("/var/run/docker.sock")), "no /var/run/docker.sock");
    Docker.run("network", "create", ID);
    try {
      var harp = service(COMPOSE.resolve("all-in-one.yaml"), "harp", ID + "-");
      awaitHealthy(harp);
      assertThat(exists(harp, 24000)).as("its own engine").contains("\"exists\"");
      // There is no Nextcloud, and doctor says so.
      assertThat(Docker.failure("exec", harp, "harp", "doctor", "--json"))
          .contains("Docker", "HaRP (" + inspect(harp, ".Name").substring(1) + ") is in " + ID);

      // What docs/remote-engines.md says, with the same host for both.
      Docker.run(
          "run",
          "--rm",
          "--volume",
          ID + "-harp-certs:/certs",
          "--volume",
          folder + ":/out",
          IMAGE,
          "certs",
          "export",
          "--engine-port",
          "24001",
          "--server",
          "harp",
          "--to",
          "/out/engine");
      var exported = Path.of(folder.toString(), "engine");
      service(withOurImage(exported.resolve("compose.yaml")), "tunnel", exported + "/");

      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(exists(harp, 24001))
                      .as(Docker.run("logs", harp))
                      .contains("\"exists\""));
    } finally {
      removeContainers();
      containers.clear();
      Docker.succeeds("volume", "rm", ID + "-harp-certs");
      Docker.run("network", "rm", ID);
    }
  }

  /** As the file itself says how. */
  private Path withOurImage(Path compose) throws Exception {
    var text =
        Files.readString(compose)
            .replaceFirst("image: .*", "image: " + IMAGE)
            .replaceFirst("command: \\[\"-c\"", "command: [\"tunnel\", \"-c\"");
    return Files.writeString(Path.of(folder.toString(), "compose.yaml"), text);
  }

  private String service(Path compose, String name, String prefix) throws Exception {
    var variables = Map.of("HARP_IMAGE", IMAGE, "HP_SHARED_KEY", KEY);
    var command = ComposeService.read(compose, name, variables).command(name, ID, prefix);
    var container = Docker.run(command.toArray(String[]::new)).strip();
    containers.add(container);
    return container;
  }

  /** An order that reaches the engine and changes nothing. */
  private static String exists(String container, int engine) throws Exception {
    var request =
        HttpRequest.newBuilder(uri(container, "/exapps/app_api/docker/exapp/exists"))
            .header("harp-shared-key", KEY)
            .header("docker-engine-port", String.valueOf(engine))
            .POST(HttpRequest.BodyPublishers.ofString("{\"name\": \"nobody\"}"))
            .timeout(PATIENCE)
            .build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }

  private static URI uri(String container, String path) throws Exception {
    var address = Docker.run("port", container, "8780/tcp").lines().findFirst().orElseThrow();
    return URI.create("http://" + address + path);
  }

  private String start(String... options) throws Exception {
    var command = new ArrayList<>(List.of("run", "--detach", "--health-interval", "1s"));
    command.addAll(List.of("--env", "HP_SHARED_KEY=" + KEY));
    command.addAll(List.of("--env", "NC_INSTANCE_URL=http://127.0.0.1:9"));
    command.addAll(List.of(options));
    command.add(IMAGE);
    var container = Docker.run(command.toArray(String[]::new)).strip();
    containers.add(container);
    return container;
  }

  private static void awaitHealthy(String container) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(inspect(container, ".State.Health.Status"))
                    .as(Docker.run("logs", container))
                    .isEqualTo("healthy"));
  }

  private static HttpResponse<String> get(String container, String path, String key)
      throws Exception {
    var request =
        HttpRequest.newBuilder(uri(container, path))
            .header("harp-shared-key", key)
            .timeout(PATIENCE)
            .build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
  }

  private static String inspect(String what, String template) throws Exception {
    return Docker.run("inspect", "--format", "{{" + template + "}}", what).strip();
  }
}
