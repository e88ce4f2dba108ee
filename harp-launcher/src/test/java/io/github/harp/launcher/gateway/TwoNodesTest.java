// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.harp.launcher.config.Configuration;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two gateways of one Redis: what AppAPI and strangers do at one is known at the other. */
class TwoNodesTest {

  private static final String KEY = "a key that is only used in this test";
  private static final String RECORD =
      """
      {"exapp_token": "secret", "exapp_version": "1.0.0", "host": "127.0.0.1", "port": 9,
       "routes": [{"url": "^/", "access_level": 0, "bruteforce_protection": []}]}
      """;
  private static final Path SERVER = Path.of("/usr/bin/redis-server");

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = HttpClient.newHttpClient();
  private Process redis;
  private Gateway one;
  private Gateway two;

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    assumeTrue(Files.exists(SERVER), "no redis-server; Debian's package redis-server has it");
    int port;
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    redis =
        new ProcessBuilder(
                SERVER.toString(),
                "--port",
                String.valueOf(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("redis.log").toFile())
            .start();
    one = gateway("one", port, folder);
    two = gateway("two", port, folder);
    await().until(() -> status(one).getJsonObject("cluster").getBoolean("joined"));
    await().until(() -> status(two).getJsonObject("cluster").getBoolean("joined"));
  }

  @AfterEach
  void stop() throws Exception {
    get(one.stop(Duration.ZERO));
    get(two.stop(Duration.ZERO));
    get(vertx.close());
    redis.destroyForcibly();
  }

  private Gateway gateway(String name, int redisPort, Path folder) throws Exception {
    var environment =
        Map.of(
            "HP_SHARED_KEY",
            KEY,
            "NC_INSTANCE_URL",
            "http://127.0.0.1:9",
            "HP_EXAPPS_ADDRESS",
            "127.0.0.1:0",
            "HP_FRP_ADDRESS",
            "127.0.0.1:0",
            "HP_ADMIN_ADDRESS",
            "127.0.0.1:0",
            "HP_CERTS_DIR",
            folder.resolve(name).toString(),
            "HP_CLUSTER_URL",
            "redis://127.0.0.1:" + redisPort,
            "HP_CLUSTER_NODE",
            name);
    return get(new Gateway(Configuration.from(environment, folder), vertx).start());
  }

  @Test
  void recordsAndBansOfOneAreThoseOfTheOther() throws Exception {
    assertThat(order(one, "POST", "/exapps/app_api/exapp_storage/demo", KEY, RECORD))
        .isEqualTo(204);
    await().until(() -> status(two).getJsonArray("exapps").size() == 1);
    assertThat(status(two).getJsonArray("exapps").getJsonObject(0).getString("id"))
        .isEqualTo("demo");

    assertThat(order(two, "DELETE", "/exapps/app_api/exapp_storage/demo", KEY, "")).isEqualTo(204);
    await().until(() -> status(one).getJsonArray("exapps").isEmpty());

    for (var i = 0; i < 10; i++) {
      order(i % 2 == 0 ? one : two, "POST", "/exapps/app_api/exapp_storage/demo", "wrong", RECORD);
    }
    for (var node : List.of(one, two)) {
      await()
          .until(
              () -> {
                var bans = status(node).getJsonArray("bans");
                return bans.size() == 1 && bans.getJsonObject(0).getBoolean("banned");
              });
    }
    assertThat(status(one).getJsonObject("cluster").getJsonArray("nodes"))
        .extracting(it -> ((JsonObject) it).getString("name"))
        .contains("one");
  }

  @Test
  void theDocumentNamesTheMetricsOfNodes() throws Exception {
    var scraped =
        ask(one, "/metrics")
            .lines()
            .filter(line -> line.startsWith("# TYPE harp_cluster_"))
            .map(line -> line.substring("# TYPE ".length()));
    var root = Path.of(System.getProperty("harp.root", ".."));
    var documented =
        Files.readString(root.resolve("docs/operations.md"))
            .lines()
            .filter(line -> line.startsWith("| `harp_cluster_") && !line.contains("=="))
            .map(line -> line.split("[`| ]+"))
            .map(cells -> cells[1] + " " + cells[2]);

    assertThat(documented).containsExactlyInAnyOrderElementsOf(scraped.toList());
  }

  /** What a node answers; 0 when it closes the connection without a word. */
  private int order(Gateway node, String method, String path, String key, String body)
      throws InterruptedException {
    var url = "http://127.0.0.1:" + node.addresses().get(0).getPort() + path;
    try {
      return client
          .send(
              HttpRequest.newBuilder(URI.create(url))
                  .header("harp-shared-key", key)
                  .header("Content-Type", "application/json")
                  .method(method, BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException dropped) {
      return 0;
    }
  }

  private JsonObject status(Gateway node) throws Exception {
    return new JsonObject(ask(node, "/status"));
  }

  private String ask(Gateway node, String path) throws Exception {
    var url = "http://127.0.0.1:" + node.adminPort() + path;
    var request = HttpRequest.newBuilder(URI.create(url)).header("harp-shared-key", KEY).build();
    return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
