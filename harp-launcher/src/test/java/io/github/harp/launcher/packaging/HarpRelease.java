// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.packaging;

import static io.github.harp.kubernetes.testing.RealCluster.helmWhateverTheEnd;
import static io.github.harp.kubernetes.testing.RealCluster.kubectlWhateverTheEnd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.kubernetes.testing.RealCluster;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** HaRP as the chart installs it, in a namespace of its own; ExApps have another one. */
record HarpRelease(String namespace, String key) implements AutoCloseable {

  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofSeconds(15);
  private static final Duration ORDER = Duration.ofSeconds(120);
  private static final String CHART =
      Path.of(System.getProperty("harp.root", ".."), "packaging/kubernetes/chart")
          .toAbsolutePath()
          .normalize()
          .toString();

  HarpRelease {
    RealCluster.kubectl("create", "namespace", namespace);
    RealCluster.kubectl("create", "namespace", namespace + "-exapps");
  }

  String exApps() {
    return namespace + "-exapps";
  }

  /** What kubectl says of its namespace, unless another one is named. */
  String kubectl(String... arguments) {
    var command = new ArrayList<>(List.of(arguments));
    if (command.stream().noneMatch(it -> it.startsWith("--namespace="))) {
      command.add(1, "--namespace=" + namespace);
    }
    return RealCluster.kubectl(command.toArray(String[]::new));
  }

  void install(String imageTag, String nextcloudUrl, String... values) {
    order(
        "install",
        "--set=image.repository=docker.io/harp-test/harp,image.tag=" + imageTag,
        "--set=nextcloudUrl=" + nextcloudUrl,
        "--set=sharedKey.value=" + key,
        "--set=exapps.storageSize=10Mi,exapps.namespace=" + exApps(),
        "--set=" + String.join(",", values));
  }

  /** Of Helm, who waits until what it made is ready. */
  void order(String what, String... options) {
    var command = new ArrayList<>(List.of(what, "harp", CHART, "--namespace=" + namespace));
    command.addAll(List.of("--wait", "--timeout=90s"));
    command.addAll(List.of(options));
    var said = helmWhateverTheEnd(command.toArray(String[]::new));
    assertThat(said)
        .as(
            () ->
                said
                    + kubectlWhateverTheEnd("get", "pods", "--namespace=" + namespace, "-o=yaml")
                    + kubectlWhateverTheEnd("logs", "--namespace=" + namespace, "deployment/harp"))
        .contains("STATUS: deployed");
  }

  /** This of each of its pods that runs, also of those that are about to end. */
  List<String> pods(String field) {
    return List.of(
        kubectl(
                "get",
                "pods",
                "--field-selector=status.phase=Running",
                "-o=jsonpath={.items[*]." + field + "}")
            .split(" "));
  }

  /** What a program says that runs in a pod of it. */
  String inside(String... program) {
    var command =
        new ArrayList<>(List.of("exec", "--namespace=" + namespace, "deployment/harp", "--"));
    command.addAll(List.of(program));
    return kubectlWhateverTheEnd(command.toArray(String[]::new));
  }

  /** Of its Service. */
  String address() {
    return kubectl("get", "service/harp", "-o=jsonpath={.spec.clusterIP}");
  }

  /** Deploys {@code demo} and waits until it answers. */
  void deploy() throws Exception {
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

  void awaitPage() {
    served(
        "/exapps/demo/page",
        page -> assertThat(page).contains("path /page", "starts 1", "APP_ID=demo"));
  }

  /** A Service serves a moment after its pod is ready. */
  void served(String target, Consumer<String> expected) {
    served(address(), target, expected);
  }

  void served(String address, String target, Consumer<String> expected) {
    await()
        .atMost(LONG)
        .ignoreExceptions()
        .untilAsserted(() -> expected.accept(send(address, "GET", target, "").body()));
  }

  private HttpResponse<String> exApp(String order, JsonObject body) throws Exception {
    var target = "/exapps/app_api/k8s/exapp/" + order;
    return send(address(), "POST", target, body.put("name", "demo").encode());
  }

  private HttpResponse<String> send(String address, String method, String target, String body)
      throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://" + address + ":8780" + target))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .timeout(method.equals("GET") ? ANSWER : ORDER);
    if (target.startsWith("/exapps/app_api/")) {
      request.header("harp-shared-key", key);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }

  private static JsonObject json(HttpResponse<String> answer) {
    return new JsonObject(answer.body());
  }

  @Override
  public void close() {
    helmWhateverTheEnd("uninstall", "harp", "--namespace=" + namespace, "--ignore-not-found");
    RealCluster.kubectl("delete", "namespace", namespace, exApps(), "--ignore-not-found");
  }
}
