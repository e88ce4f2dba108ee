// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static io.github.harp.launcher.gateway.TestSettings.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.launcher.config.Configuration;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The document says what {@code /status} holds. */
class StatusDocumentTest {

  private static final Pattern ROW = Pattern.compile("(?m)^\\| ((?:`\\w+`,? ?)+)\\|");
  private static final Pattern NAME = Pattern.compile("`(\\w+)`");

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @Test
  @DisplayName("F21: what /status holds and what the document says are the same")
  void documentAndStatusAgree(@TempDir Path folder) throws Exception {
    var environment = TestSettings.in(folder);
    environment.putAll(
        Map.of(
            "HP_CLUSTER_URL", "redis://127.0.0.1:9",
            "HP_CLUSTER_ADDRESS", "127.0.0.1:0",
            "HP_CLUSTER_NODE", "one"));
    environment.remove("HP_DOCKER_ENGINES");
    var gateway = await(new Gateway(Configuration.from(environment, folder), vertx).start());

    assertThat(status(gateway.adminPort()).fieldNames()).isEqualTo(documented());

    await(gateway.stop(Duration.ZERO));
  }

  private static JsonObject status(int port) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/status"))
            .header("harp-shared-key", KEY)
            .build();
    var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    return new JsonObject(answer.body());
  }

  private static TreeSet<String> documented() throws Exception {
    var root = Path.of(System.getProperty("harp.root", ".."));
    var document = Files.readString(root.resolve("docs/operations.md"));
    var section =
        document.substring(document.indexOf("### Status"), document.indexOf("## Metrics"));
    var names = new TreeSet<String>();
    ROW.matcher(section)
        .results()
        .flatMap(row -> NAME.matcher(row.group(1)).results())
        .forEach(name -> names.add(name.group(1)));
    return names;
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
