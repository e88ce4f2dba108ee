// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two gateways of one Redis: what AppAPI and strangers do at one is known at the other. */
class TwoNodesTest {

  private static final String RECORD =
      """
      {"exapp_token": "secret", "exapp_version": "1.0.0", "host": "127.0.0.1", "port": 9,
       "routes": [{"url": "^/", "access_level": 0, "bruteforce_protection": []}]}
      """;

  private RunningNodes nodes;
  private Gateway one;
  private Gateway two;

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    nodes = new RunningNodes(folder);
    one = nodes.start("one");
    two = nodes.start("two");
  }

  @AfterEach
  void stop() throws Exception {
    nodes.close();
  }

  @Test
  void recordsAndBansOfOneAreThoseOfTheOther() throws Exception {
    assertThat(order(one, "POST", "/exapps/app_api/exapp_storage/demo", RunningNodes.KEY, RECORD))
        .isEqualTo(204);
    await().until(() -> status(two).getJsonArray("exapps").size() == 1);
    assertThat(status(two).getJsonArray("exapps").getJsonObject(0).getString("id"))
        .isEqualTo("demo");

    assertThat(order(two, "DELETE", "/exapps/app_api/exapp_storage/demo", RunningNodes.KEY, ""))
        .isEqualTo(204);
    await().until(() -> status(one).getJsonArray("exapps").isEmpty());

    ban();
    await()
        .untilAsserted(
            () ->
                assertThat(status(one).getJsonObject("cluster").getJsonArray("nodes"))
                    .extracting(it -> ((JsonObject) it).getString("name"))
                    .contains("one", "two"));
  }

  @Test
  void oneThatStartsIsReadyOnceItKnowsWhatTheOthersDo() throws Exception {
    ban();
    var late = nodes.make("late", Map.of());
    // Whoever has just answered rests for a while.
    var first = nodes.begin("first", Map.of());
    await().until(() -> nodes.isReady(first));
    nodes.emptyRedis();

    nodes.begin(late);
    await().until(() -> nodes.isReady(late));

    assertThat(isBanned(late)).isTrue();
  }

  @Test
  void redisThatIsAwayKeepsNoNodeFromBeingReady() throws Exception {
    nodes.signalRedis("STOP");
    try {
      var late = nodes.begin("late", Map.of());
      await().atMost(Duration.ofMinutes(2)).until(() -> nodes.isReady(late));

      var ending = nodes.begin("ending", Map.of());
      nodes.stop(ending);
      assertThat(status(late).getJsonObject("cluster").getJsonArray("troubles")).isNotEmpty();
    } finally {
      nodes.signalRedis("CONT");
    }
  }

  private void ban() throws Exception {
    for (var i = 0; i < 10; i++) {
      order(i % 2 == 0 ? one : two, "POST", "/exapps/app_api/exapp_storage/demo", "wrong", RECORD);
    }
    for (var node : List.of(one, two)) {
      await().until(() -> isBanned(node));
    }
  }

  private boolean isBanned(Gateway node) throws Exception {
    var bans = status(node).getJsonArray("bans");
    return bans.size() == 1 && bans.getJsonObject(0).getBoolean("banned");
  }

  @Test
  void theDocumentNamesTheMetricsOfNodes() throws Exception {
    var scraped =
        nodes
            .ask(one, "/metrics")
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
      return nodes
          .client()
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
    return nodes.status(node);
  }
}
