// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.launcher.contract.Machines.Machine;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One of several nodes, on a machine of its own: it keeps its folder when it is started again. */
final class NodeProcess implements AutoCloseable {

  private static final Duration LONG = ThreeNodes.LONG;

  final Machine machine;
  private final Path folder;
  private final Map<String, String> environment = new HashMap<>();
  private final HttpClient client;
  private @Nullable HarpProcess process;

  /**
   * @param environment beside what all nodes have
   */
  NodeProcess(
      String name,
      Machine machine,
      Path folder,
      HttpClient client,
      Map<String, String> environment) {
    this.machine = machine;
    this.folder = folder;
    this.client = client;
    this.environment.putAll(
        Map.of(
            "HP_SHARED_KEY", Stage.KEY,
            "NC_INSTANCE_URL", "http://127.0.0.1:9",
            "HP_EXAPPS_ADDRESS", "0.0.0.0:8780",
            "HP_FRP_ADDRESS", "0.0.0.0:8782",
            "HP_FRP_DISABLE_TLS", "true",
            "HP_ADMIN_ADDRESS", "0.0.0.0:8200",
            "HP_CERTS_DIR", folder.toString(),
            "HP_CLUSTER_NODE", name));
    this.environment.putAll(environment);
  }

  NodeProcess start() {
    folder.toFile().mkdir();
    process = HarpProcess.start(machine.command(), environment);
    return this;
  }

  NodeProcess awaitReady() {
    await()
        .atMost(LONG)
        .until(
            () -> {
              assertThat(isAlive()).as(process.output()).isTrue();
              return ask("/ready").filter(answer -> answer.statusCode() == 200).isPresent();
            });
    return this;
  }

  private boolean isAlive() {
    return ProcessHandle.of(process.pid()).map(ProcessHandle::isAlive).orElse(false);
  }

  /** As an administrator does who brings a new version. */
  void restart() throws InterruptedException {
    process.terminate();
    assertThat(process.awaitExit()).isZero();
    assertThat(process.output()).contains("stopped").doesNotContain("with work left");
    process.close();
    start().awaitReady();
  }

  void signal(String signal) throws Exception {
    new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start().waitFor();
  }

  /** Whether it says that it can't reach others. */
  boolean hasTrouble() throws InterruptedException {
    return status()
        .filter(status -> !status.getJsonObject("cluster").getJsonArray("troubles").isEmpty())
        .isPresent();
  }

  /** Whether a tunnel for this port ends here. */
  boolean has(int port) throws InterruptedException {
    return status()
        .filter(
            status ->
                status.getJsonObject("tunnels").getJsonArray("sessions").stream()
                    .flatMap(it -> ((JsonObject) it).getJsonArray("proxies").stream())
                    .anyMatch(it -> ((JsonObject) it).getInteger("port") == port))
        .isPresent();
  }

  private Optional<JsonObject> status() throws InterruptedException {
    return ask("/status").map(HttpResponse::body).map(JsonObject::new);
  }

  private Optional<HttpResponse<String>> ask(String path) throws InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("http://" + machine.address() + ":8200" + path))
            .header("harp-shared-key", Stage.KEY)
            .timeout(Duration.ofSeconds(10));
    try {
      return Optional.of(client.send(request.build(), BodyHandlers.ofString()));
    } catch (IOException notYet) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    if (process != null) {
      process.close();
    }
  }
}
