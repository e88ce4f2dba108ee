// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.harp.core.testing.UnusedPort;
import io.github.harp.launcher.config.Configuration;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Gateways of one Redis, which is theirs alone. */
final class RunningNodes implements AutoCloseable {

  static final String KEY = "a key that is only used in this test";
  private static final Path SERVER = Path.of("/usr/bin/redis-server");

  private final Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = HttpClient.newHttpClient();
  private final List<Gateway> all = new ArrayList<>();
  private final Process redis;
  private final int port;

  RunningNodes(Path folder) throws IOException {
    assumeTrue(Files.exists(SERVER), "no redis-server; Debian's package redis-server has it");
    this.folder = folder;
    port = UnusedPort.find();
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
  }

  /** One that has joined the others. */
  Gateway start(String name) throws Exception {
    return start(name, Map.of());
  }

  Map<String, String> environment(String name, Map<String, String> more) {
    var environment = new HashMap<String, String>();
    environment.put("HP_SHARED_KEY", KEY);
    environment.put("NC_INSTANCE_URL", "http://127.0.0.1:9");
    environment.put("HP_EXAPPS_ADDRESS", "127.0.0.1:0");
    environment.put("HP_FRP_ADDRESS", "127.0.0.1:0");
    environment.put("HP_ADMIN_ADDRESS", "127.0.0.1:0");
    environment.put("HP_CERTS_DIR", folder.resolve(name).toString());
    environment.put("HP_CLUSTER_URL", "redis://127.0.0.1:" + port);
    environment.put("HP_CLUSTER_NODE", name);
    environment.put("HP_CLUSTER_ADDRESS", "127.0.0.1:0");
    environment.put("HP_DOCKER_ENGINES", "");
    environment.putAll(more);
    return environment;
  }

  Gateway start(String name, Map<String, String> more) throws Exception {
    var gateway = begin(name, more);
    await().until(() -> status(gateway).getJsonObject("cluster").getBoolean("joined"));
    return gateway;
  }

  /** One that listens. */
  Gateway begin(String name, Map<String, String> more) throws Exception {
    return begin(make(name, more));
  }

  Gateway begin(Gateway gateway) throws Exception {
    get(gateway.start());
    all.add(gateway);
    return gateway;
  }

  /** One that does nothing yet. */
  Gateway make(String name, Map<String, String> more) throws Exception {
    var configuration = Configuration.from(environment(name, more), folder);
    return get(vertx.executeBlocking(() -> new Gateway(configuration, vertx), false));
  }

  void stop(Gateway gateway) throws Exception {
    all.remove(gateway);
    get(gateway.stop(Duration.ZERO));
  }

  Vertx vertx() {
    return vertx;
  }

  HttpClient client() {
    return client;
  }

  /** Everything at Redis is gone, the connections are not; all have said again that they live. */
  void emptyRedis() throws Exception {
    var client = Redis.createClient(vertx, "redis://127.0.0.1:" + port);
    get(client.send(Request.cmd(Command.FLUSHALL)));
    var nodes = Request.cmd(Command.HLEN).arg("harp:nodes");
    await().until(() -> get(client.send(nodes)).toInteger() == all.size());
    client.close();
  }

  /** It is away for as long as it stands still. */
  void signalRedis(String signal) throws Exception {
    new ProcessBuilder("kill", "-" + signal, String.valueOf(redis.pid())).start().waitFor();
  }

  boolean isReady(Gateway node) throws Exception {
    return answer(node, "/ready").statusCode() == 200;
  }

  JsonObject status(Gateway node) throws Exception {
    return new JsonObject(ask(node, "/status"));
  }

  String ask(Gateway node, String path) throws Exception {
    return answer(node, path).body();
  }

  private HttpResponse<String> answer(Gateway node, String path) throws Exception {
    var url = "http://127.0.0.1:" + node.adminPort() + path;
    var request = HttpRequest.newBuilder(URI.create(url)).header("harp-shared-key", KEY).build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  void clearBans(Gateway node) throws Exception {
    var url = "http://127.0.0.1:" + node.adminPort() + "/bans";
    var request =
        HttpRequest.newBuilder(URI.create(url)).header("harp-shared-key", KEY).DELETE().build();
    client.send(request, HttpResponse.BodyHandlers.discarding());
  }

  static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    try {
      for (var each : List.copyOf(all)) {
        stop(each);
      }
      get(vertx.close());
    } finally {
      redis.destroyForcibly();
    }
  }
}
