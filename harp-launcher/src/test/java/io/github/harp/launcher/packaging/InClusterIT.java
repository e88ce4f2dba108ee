// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.packaging;

import static io.github.harp.kubernetes.testing.RealCluster.helm;
import static io.github.harp.kubernetes.testing.RealCluster.helmWhateverTheEnd;
import static io.github.harp.kubernetes.testing.RealCluster.kubectl;
import static io.github.harp.kubernetes.testing.RealCluster.kubectlWhateverTheEnd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.kubernetes.testing.RealCluster;
import io.github.harp.launcher.demo.AppApiDouble;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** HaRP in a pod, as the chart installs it, and an ExApp beside it that answers through it. */
@ExtendWith(RealCluster.class)
@Timeout(300)
class InClusterIT {

  private static final String KEY = "a shared key of forty characters or so..";
  private static final String CHART =
      Path.of(System.getProperty("harp.root", ".."), "packaging/kubernetes/chart")
          .toAbsolutePath()
          .normalize()
          .toString();

  /** The machine, as pods see it. */
  private static final String HERE = "10.98.0.1";

  private static final ExApp DEMO =
      new ExApp(
          new AppId("demo"),
          "1.2.3",
          new ExAppAddress("127.0.0.1", 23000),
          Secret.of("app-secret"),
          RouteTable.of(List.of(new ExAppRoute(".*", AccessLevel.PUBLIC, Set.of()))));

  @TempDir static Path folder;

  private static Vertx vertx;
  private static @Nullable HarpImage image;

  @BeforeAll
  static void build() throws Exception {
    vertx = Vertx.vertx();
    var tag = "k8s-" + ProcessHandle.current().pid();
    image = new HarpImage(tag);
    var tar = folder.resolve("image.tar");
    Docker.run("save", "--output", tar.toString(), image.name());
    RealCluster.importImage(tar);
    Files.delete(tar);
    var nextcloud =
        vertx
            .createHttpServer()
            .requestHandler(new AppApiDouble(KEY).exApp(DEMO))
            .listen(0, HERE)
            .await();

    kubectl("create", "namespace", "nextcloud");
    kubectl("create", "namespace", "nextcloud-exapps");
    claimForCertificates();
    order(
        "install",
        "--set=image.repository=docker.io/harp-test/harp,image.tag=" + tag,
        "--set=nextcloudUrl=http://" + HERE + ":" + nextcloud.actualPort(),
        "--set=sharedKey.value=" + KEY,
        "--set=certs.existingClaim=given,exapps.storageSize=10Mi");
  }

  /** The volumes of this cluster are folders that belong to root, whatever the pod asks for. */
  private static void claimForCertificates() throws Exception {
    RealCluster.apply(
        "nextcloud",
        """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: given}
        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Mi}}}
        """);
    kubectl("wait", "-n=nextcloud", "--for=jsonpath={.status.phase}=Bound", "pvc/given");
    var volume = kubectl("get", "-n=nextcloud", "pvc/given", "-o=jsonpath={.spec.volumeName}");
    var path = Path.of(kubectl("get", "pv", volume, "-o=jsonpath={.spec.hostPath.path}"));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  @AfterAll
  static void removeAll() throws Exception {
    helmWhateverTheEnd("uninstall", "harp", "--namespace=nextcloud", "--ignore-not-found");
    kubectl("delete", "namespace", "nextcloud", "nextcloud-exapps", "--ignore-not-found");
    vertx.close().await();
    if (image != null) {
      image.close();
    }
  }

  @Test
  void anExAppBesideItAnswersThroughIt() throws Exception {
    served(
        "/exapps/app_api/info",
        info ->
            assertThat(new JsonObject(info).getJsonObject("kubernetes"))
                .isEqualTo(
                    new JsonObject()
                        .put("enabled", true)
                        .put("api_server", "https://10.96.0.1:443")
                        .put("reachable", true)));
    deploy();

    assertThat(
            kubectl(
                "get",
                "networkpolicy/nc-app-demo",
                "--namespace=nextcloud-exapps",
                "-o=jsonpath={..from[1].namespaceSelector.matchLabels}"
                    + " {..podSelector.matchLabels}"))
        .contains(
            "{\"kubernetes.io/metadata.name\":\"nextcloud\"}",
            "{\"app.kubernetes.io/instance\":\"harp\",\"app.kubernetes.io/name\":\"harp\"}");

    assertThat(inHarp("/healthcheck.sh")).doesNotContain("nobody listens");
    assertThat(inHarp("harp", "doctor")).contains("nextcloud-exapps").doesNotContain("may not:");
    assertThat(inHarp("ls", "/certs/frp")).contains("ca.key");

    var before = pod();
    order("upgrade", "--reuse-values", "--set=settings.HP_LOG_LEVEL=debug");
    assertThat(pod()).isNotEqualTo(before);
    awaitPage();

    helm("uninstall", "harp", "--namespace=nextcloud", "--wait");
    assertThat(kubectl("get", "deployment", "--namespace=nextcloud-exapps", "-o=name"))
        .as("ExApps outlive their gateway")
        .contains("nc-app-demo");
  }

  private static void deploy() throws Exception {
    var container =
        new JsonObject()
            .put("image", RealCluster.IMAGE)
            .put(
                "environment_variables",
                new JsonArray(
                    List.of(
                        "APP_ID=demo",
                        "APP_PORT=23000",
                        "APP_PERSISTENT_STORAGE=/nc_app_demo_data")));
    assertThat(exApp("create", container).statusCode()).isEqualTo(201);
    assertThat(exApp("start", new JsonObject()).statusCode()).isEqualTo(204);
    var started = json(exApp("wait_for_start", new JsonObject()));
    assertThat(started.getBoolean("started")).as(started.encode()).isTrue();
    var exposed = json(exApp("expose", new JsonObject().put("port", 23000)));
    assertThat(exposed.getString("host")).as(exposed.encode()).startsWith("10.96.");
    awaitPage();
  }

  private static void awaitPage() {
    served(
        "/exapps/demo/page",
        page -> assertThat(page).contains("path /page", "starts 1", "APP_ID=demo"));
  }

  /** A Service serves a moment after its pod is ready. */
  private static void served(String target, Consumer<String> expected) {
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .untilAsserted(() -> expected.accept(send("GET", target, "").body()));
  }

  /** Of Helm, who waits until what it made is ready. */
  private static void order(String what, String... options) {
    var command = new ArrayList<>(List.of(what, "harp", CHART, "--namespace=nextcloud"));
    command.addAll(List.of("--wait", "--timeout=90s"));
    command.addAll(List.of(options));
    var said = helmWhateverTheEnd(command.toArray(String[]::new));
    assertThat(said)
        .as(
            () ->
                said
                    + kubectlWhateverTheEnd("get", "pods", "--namespace=nextcloud", "-o=yaml")
                    + kubectlWhateverTheEnd("logs", "--namespace=nextcloud", "deployment/harp"))
        .contains("STATUS: deployed");
  }

  private static String pod() {
    return kubectl(
        "get",
        "pods",
        "--namespace=nextcloud",
        "--field-selector=status.phase=Running",
        "-o=jsonpath={.items[*].metadata.uid}");
  }

  private static String inHarp(String... program) {
    var command =
        new ArrayList<>(List.of("exec", "--namespace=nextcloud", "deployment/harp", "--"));
    command.addAll(List.of(program));
    return kubectlWhateverTheEnd(command.toArray(String[]::new));
  }

  private static HttpResponse<String> exApp(String order, JsonObject body) throws Exception {
    return send("POST", "/exapps/app_api/k8s/exapp/" + order, body.put("name", "demo").encode());
  }

  private static HttpResponse<String> send(String method, String target, String body)
      throws Exception {
    var address =
        kubectl("get", "service/harp", "--namespace=nextcloud", "-o=jsonpath={.spec.clusterIP}");
    var request =
        HttpRequest.newBuilder(URI.create("http://" + address + ":8780" + target))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .timeout(Duration.ofSeconds(120));
    if (target.startsWith("/exapps/app_api/")) {
      request.header("harp-shared-key", KEY);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }

  private static JsonObject json(HttpResponse<String> answer) {
    return new JsonObject(answer.body());
  }
}
