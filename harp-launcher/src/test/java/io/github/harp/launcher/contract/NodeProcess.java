// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One of several nodes: it keeps its ports and its folder when it is started again. */
final class NodeProcess implements AutoCloseable {

  private static final Duration LONG = Duration.ofMinutes(2);

  /** Below those that Linux gives to whoever connects. */
  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger(25_000 + (int) (ProcessHandle.current().pid() % 6_000));

  private final String name;
  private final Path folder;
  private final Map<String, String> environment = new HashMap<>();
  private final HttpClient client;
  private final int http = freePort();
  private final int frp = freePort();
  private final int admin = freePort();
  private @Nullable HarpProcess process;

  NodeProcess(String name, String cluster, Path folder, HttpClient client) {
    this.name = name;
    this.folder = folder;
    this.client = client;
    environment.put("HP_SHARED_KEY", Stage.KEY);
    environment.put("NC_INSTANCE_URL", "http://127.0.0.1:9");
    environment.put("HP_EXAPPS_ADDRESS", "127.0.0.1:" + http);
    environment.put("HP_FRP_ADDRESS", "127.0.0.1:" + frp);
    environment.put("HP_FRP_DISABLE_TLS", "true");
    environment.put("HP_ADMIN_ADDRESS", "127.0.0.1:" + admin);
    environment.put("HP_CERTS_DIR", folder.toString());
    environment.put("HP_DOCKER_ENGINES", "");
    environment.put("HP_TRUSTED_PROXY_IPS", "127.0.0.1");
    environment.put("HP_CLUSTER_URL", cluster);
    environment.put("HP_CLUSTER_NODE", name);
    environment.put("HP_CLUSTER_ADDRESS", "127.0.0.1:" + freePort());
  }

  /** One that nobody is given for a connection of his own while its owner is away. */
  static int freePort() {
    while (true) {
      try (var free =
          new ServerSocket(NEXT_PORT.getAndIncrement(), 1, InetAddress.getLoopbackAddress())) {
        return free.getLocalPort();
      } catch (IOException taken) {
        // The next one.
      }
    }
  }

  NodeProcess start() {
    folder.toFile().mkdir();
    process = HarpProcess.start(environment);
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
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + path))
            .header("harp-shared-key", Stage.KEY)
            .timeout(Duration.ofSeconds(10));
    try {
      return Optional.of(client.send(request.build(), BodyHandlers.ofString()));
    } catch (IOException notYet) {
      return Optional.empty();
    }
  }

  /** Its own addresses in what is written for others, at 10.0.0.{@code number}. */
  String in(String configuration, int number) {
    return configuration
        .replace("10.0.0." + number + ":8780 port 8200", "127.0.0.1:" + http + " port " + admin)
        .replace("10.0.0." + number + ":8782 port 8200", "127.0.0.1:" + frp + " port " + admin);
  }

  @Override
  public void close() {
    if (process != null) {
      process.close();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
