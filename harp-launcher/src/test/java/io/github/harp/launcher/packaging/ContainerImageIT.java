// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Volume;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;

/** The image, run by Testcontainers. */
class ContainerImageIT {

  private static final Path COMPOSE =
      Path.of(System.getProperty("harp.root", ".."), "packaging", "compose");
  private static final String KEY = "a shared key of forty characters or so..";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String ID = "it-" + ProcessHandle.current().pid();
  private static final String IMAGE = "harp-test/harp:" + ID;

  private static @Nullable HarpImage image;

  @TempDir Path folder;

  private final List<AutoCloseable> started = new ArrayList<>();

  @BeforeAll
  static void build() throws Exception {
    image = new HarpImage(ID);
  }

  @AfterEach
  void stopContainers() throws Exception {
    for (int i = started.size() - 1; i >= 0; i--) {
      started.get(i).close();
    }
  }

  @AfterAll
  static void removeImages() throws Exception {
    if (image != null) {
      image.close();
    }
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
    var harp =
        start(
            harp()
                .withCreateContainerCmdModifier(
                    create ->
                        create
                            .withUser("10001")
                            .getHostConfig()
                            .withReadonlyRootfs(true)
                            .withCapDrop(Capability.ALL)));

    assertThat(get(harp, "/exapps/app_api/info", KEY).body()).contains("\"version\"");
    assertThat(get(harp, "/exapps/app_api/info", "wrong").statusCode()).isNotEqualTo(200);
    assertThat(harp.getLogs()).contains("ready:").contains("/certs").doesNotContain(KEY);
    assertThat(harp.run("cat", "/proc/1/maps").output())
        .as("the class archive and the native transport are used")
        .containsPattern("/opt/harp/lib/harp-[0-9.]+-[0-9a-f]{16}\\.(jsa|aot)")
        .contains("/opt/harp/lib/native/libnetty_transport_native_epoll");

    // After eight seconds it would be killed, which is 137.
    harp.getDockerClient().stopContainerCmd(harp.getContainerId()).withTimeout(8).exec();
    assertThat(harp.state().getState().getExitCodeLong()).isZero();
  }

  @Test
  void asRootItKeepsItsCertificates() throws Exception {
    var harp =
        start(
            harp()
                .withCreateContainerCmdModifier(
                    create -> create.withVolumes(new Volume("/certs"))));

    assertThat(harp.run("ls", "/certs/frp").output()).contains("ca.key", "client.crt");
    assertThat(harp.run("harp", "certs", "show").output()).contains("valid until");
  }

  /** What traces are sent with is in a module of Java that nothing else needs. */
  @Test
  void itsRunTimeHasWhatTracesNeed() {
    var harp = start(harp().withEnv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"));

    assertThat(harp.getLogs()).contains("ready:");
  }

  /** F12: what docs/remote-engines.md says for a container that can write nowhere but there. */
  @Test
  void aReadOnlyOneGivesTheFilesForAnEngineAsATar() throws Exception {
    var harp =
        start(
            harp()
                .withCreateContainerCmdModifier(
                    create ->
                        create
                            .withVolumes(new Volume("/certs"))
                            .getHostConfig()
                            .withReadonlyRootfs(true)));
    var export = "harp certs export --engine-port 24001 --server harp.example.com --to ";

    assertThat(harp.run("sh", "-c", export + "- 2> /dev/null | tar -t").output())
        .isEqualTo(
            """
            harp-engine/
            harp-engine/ca.crt
            harp-engine/client.crt
            harp-engine/client.key
            harp-engine/compose.yaml
            harp-engine/frpc.toml
            """);
    assertThat(harp.run("sh", "-c", export + "gpu-host").output())
        .contains("- for a tar on standard output");
    assertThat(harp.run(Map.of("HP_CERTS_DIR", "/elsewhere"), "sh", "-c", export + "-").output())
        .contains("docker exec harp harp certs export");
  }

  @Test
  void theHealthCheckNamesWhatIsWrong() throws Exception {
    var harp = start(harp());

    assertThat(harp.run("/healthcheck.sh").exitCode()).isZero();
    assertThat(harp.run(Map.of("HP_FRP_ADDRESS", "127.0.0.1:9"), "/healthcheck.sh"))
        .isEqualTo(new LocalContainer.Result(1, "HP_FRP_ADDRESS: nobody listens on 127.0.0.1:9\n"));
    var noAdmin = harp.run(Map.of("HP_ADMIN_ADDRESS", "127.0.0.1:9"), "/healthcheck.sh");
    assertThat(noAdmin.exitCode()).isNotZero();
    assertThat(noAdmin.output()).contains("HP_ADMIN_ADDRESS");
    // The same in other words, and several.
    assertThat(
            harp.run(
                    Map.of(
                        "HP_EXAPPS_ADDRESS",
                        "\"*:8780, [::ffff:127.0.0.1]:8780\"",
                        "HP_ADMIN_ADDRESS",
                        "off"),
                    "/healthcheck.sh")
                .exitCode())
        .isZero();
  }

  @Test
  void theServicesOfTheComposeFilesWorkTogether() throws Exception {
    assumeTrue(Files.exists(Path.of("/var/run/docker.sock")), "no /var/run/docker.sock");
    started.add(() -> Docker.run("volume", "rm", ID + "-harp-certs"));
    var network = Network.builder().createNetworkCmdModifier(create -> create.withName(ID)).build();
    started.add(network);

    var harp = start(service(COMPOSE.resolve("all-in-one.yaml"), "harp", network, ID + "-"));
    assertThat(exists(harp, 24000)).as("its own engine").contains("\"exists\"");
    // There is no Nextcloud, and doctor says so.
    var doctor = harp.run("harp", "doctor", "--json");
    assertThat(doctor.exitCode()).isNotZero();
    assertThat(doctor.output())
        .contains("Docker", "HaRP (" + harp.state().getName().substring(1) + ") is in " + ID);

    // What docs/remote-engines.md says, with the same host for both.
    start(
        new LocalContainer(IMAGE)
            .withCommand(
                "certs export --engine-port 24001 --server harp --to /out/engine".split(" "))
            .withCreateContainerCmdModifier(
                create ->
                    create
                        .getHostConfig()
                        .withBinds(
                            Bind.parse(ID + "-harp-certs:/certs"), Bind.parse(folder + ":/out")))
            .withStartupCheckStrategy(new OneShotStartupCheckStrategy()));
    var exported = folder.resolve("engine");
    start(
        service(withOurImage(exported.resolve("compose.yaml")), "tunnel", network, exported + "/"));

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(exists(harp, 24001)).as(harp.getLogs()).contains("\"exists\""));
  }

  /** As the file itself says how. */
  private Path withOurImage(Path compose) throws Exception {
    var text =
        Files.readString(compose)
            .replaceFirst("image: .*", "image: " + IMAGE)
            .replaceFirst("command: \\[\"-c\"", "command: [\"tunnel\", \"-c\"");
    return Files.writeString(folder.resolve("compose.yaml"), text);
  }

  private static LocalContainer service(Path compose, String name, Network network, String prefix)
      throws Exception {
    var variables = Map.of("HARP_IMAGE", IMAGE, "HP_SHARED_KEY", KEY);
    return ComposeService.read(compose, name, variables)
        .container(prefix)
        .withNetwork(network)
        .withNetworkAliases(name);
  }

  /** An order that reaches the engine and changes nothing. */
  private static String exists(LocalContainer harp, int engine) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(harp.url("/exapps/app_api/docker/exapp/exists")))
            .header("harp-shared-key", KEY)
            .header("docker-engine-port", String.valueOf(engine))
            .POST(HttpRequest.BodyPublishers.ofString("{\"name\": \"nobody\"}"))
            .timeout(PATIENCE)
            .build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }

  private static LocalContainer harp() {
    return new LocalContainer(IMAGE)
        .withEnv("HP_SHARED_KEY", KEY)
        .withEnv("NC_INSTANCE_URL", "http://127.0.0.1:9")
        .withExposedPorts(LocalContainer.PORT)
        .healthy();
  }

  private LocalContainer start(LocalContainer container) {
    started.add(container);
    container.start();
    return container;
  }

  private static HttpResponse<String> get(LocalContainer harp, String path, String key)
      throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(harp.url(path)))
            .header("harp-shared-key", key)
            .timeout(PATIENCE)
            .build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
  }

  private static String inspect(String what, String template) throws Exception {
    return Docker.run("inspect", "--format", "{{" + template + "}}", what).strip();
  }
}
