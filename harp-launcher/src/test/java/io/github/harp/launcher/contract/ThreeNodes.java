// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.harp.core.AppId;
import io.github.harp.core.Secret;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.key.SharedKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Three nodes behind HAProxy, as docs/cluster.md has it configured; an ExApp and an engine that
 * dial in through it; and Redis.
 */
final class ThreeNodes implements AutoCloseable {

  static final int PORT = 23_000;

  private static final int ENGINE = 24_001;
  private static final String SECRET = "its secret";
  private static final Path ROOT =
      Path.of(System.getProperty("harp.root", "..")).toAbsolutePath().normalize();
  private static final Path REDIS = Path.of("/usr/bin/redis-server");
  private static final Path HAPROXY = Path.of("/usr/sbin/haproxy");
  private static final Path FRPC = ROOT.resolve("interop/bin/0.61.1/frpc");
  private static final Duration LONG = Duration.ofMinutes(1);

  private final Path folder;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final RawServer exApp = new RawServer();
  private final RawServer engine = new RawServer();
  private final int front = NodeProcess.freePort();
  private final int tunnels = NodeProcess.freePort();
  private final int redisPort = NodeProcess.freePort();
  private final List<Process> programs = new ArrayList<>();
  private final List<NodeProcess> nodes;
  private Process redis;

  ThreeNodes(Path folder) {
    this.folder = folder;
    exApp.otherwise((request, in, out) -> out.write(RawServer.json(200, "{\"it\": \"is me\"}")));
    engine.otherwise(
        (request, in, out) ->
            out.write(RawServer.json(404, "{\"message\": \"No such container\"}")));
    nodes =
        Stream.of("one", "two", "three")
            .map(
                name ->
                    new NodeProcess(
                        name, "redis://127.0.0.1:" + redisPort, folder.resolve(name), client))
            .toList();
  }

  void start() throws Exception {
    assumeTrue(Files.exists(REDIS), "no redis-server");
    assumeTrue(Files.exists(HAPROXY), "no haproxy");
    assumeTrue(Files.isExecutable(FRPC), FRPC + " is missing: run interop/build 0.61.1");
    startRedis();
    nodes.forEach(NodeProcess::start);
    nodes.forEach(NodeProcess::awaitReady);
    program(HAPROXY.toString(), "-db", "-f", balancer().toString());
    dialIn("demo", token(), PORT, exApp.port());
    dialIn("engine", Stage.KEY, ENGINE, engine.port());
    awaitAllWell();
  }

  List<NodeProcess> all() {
    return nodes;
  }

  /** At which the tunnel of the ExApp ends. */
  NodeProcess withTheExApp() {
    return await()
        .atMost(LONG)
        .until(
            () -> {
              for (var node : nodes) {
                if (node.has(PORT)) {
                  return node;
                }
              }
              return null;
            },
            node -> node != null);
  }

  /** Requests and orders get their answers, a dozen each in a row. */
  void awaitAllWell() {
    for (var i = 0; i < 12; i++) {
      await().atMost(LONG).until(() -> get() == 200);
      await().atMost(LONG).until(() -> order() == 200);
    }
  }

  void startRedis() throws IOException {
    redis = program(REDIS.toString(), "--port", String.valueOf(redisPort), "--save", "");
  }

  void killRedis() throws InterruptedException {
    redis.destroyForcibly().waitFor();
  }

  void redis(String... command) throws Exception {
    var line = new ArrayList<>(List.of("redis-cli", "-p", String.valueOf(redisPort)));
    line.addAll(List.of(command));
    program(line.toArray(String[]::new)).waitFor();
  }

  private Process program(String... line) throws IOException {
    var program =
        new ProcessBuilder(line)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("program-" + programs.size() + ".log").toFile())
            .start();
    programs.add(program);
    return program;
  }

  /** The one in the documentation, on loopback. */
  private Path balancer() throws IOException {
    var documented =
        Pattern.compile("(?s)```haproxy\n(.*?)```")
            .matcher(Files.readString(ROOT.resolve("docs/cluster.md")))
            .results()
            .findFirst()
            .orElseThrow()
            .group(1)
            .replace("bind :8780", "bind 127.0.0.1:" + front)
            .replace("bind :8782", "bind 127.0.0.1:" + tunnels);
    var text = documented;
    for (var i = 0; i < nodes.size(); i++) {
      text = nodes.get(i).in(text, i + 1);
    }
    return Files.writeString(folder.resolve("haproxy.cfg"), text);
  }

  private static String token() {
    return new HmacTunnelTokens(SharedKey.of(Stage.KEY))
        .mint(Deployment.of(new AppId("demo"), Secret.of(SECRET)), PORT);
  }

  private void dialIn(String name, String token, int port, int service) throws IOException {
    var toml =
        Files.writeString(
            folder.resolve(name + ".toml"),
            """
            serverAddr = "127.0.0.1"
            serverPort = %d
            loginFailExit = false
            metadatas.token = "%s"

            [[proxies]]
            name = "%s"
            type = "tcp"
            localIP = "127.0.0.1"
            localPort = %d
            remotePort = %d
            """
                .formatted(tunnels, token, name, service, port));
    program(FRPC.toString(), "-c", toml.toString());
  }

  /** What the ExApp answers, through the balancer. */
  int get() throws InterruptedException {
    return status(
        HttpRequest.newBuilder(uri("/exapps/demo/"))
            .header("harp-shared-key", Stage.KEY)
            .header("ex-app-id", "demo")
            .header("ex-app-version", "1.0.0")
            .header("ex-app-host", "127.0.0.1")
            .header("ex-app-port", String.valueOf(PORT))
            .header(
                "authorization-app-api",
                Base64.getEncoder()
                    .encodeToString((":" + SECRET).getBytes(StandardCharsets.UTF_8))));
  }

  /** Whether there is a container: asks the engine that has dialled in somewhere. */
  int order() throws InterruptedException {
    return status(
        HttpRequest.newBuilder(uri("/exapps/app_api/docker/exapp/exists"))
            .header("harp-shared-key", Stage.KEY)
            .header("docker-engine-port", String.valueOf(ENGINE))
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString("{\"name\": \"demo\", \"instance_id\": \"\"}")));
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + front + path);
  }

  /** 0 when the connection was closed. */
  private int status(HttpRequest.Builder request) throws InterruptedException {
    try {
      return client.send(request.timeout(LONG).build(), BodyHandlers.discarding()).statusCode();
    } catch (IOException broken) {
      return 0;
    }
  }

  @Override
  public void close() {
    programs.forEach(Process::destroyForcibly);
    nodes.forEach(NodeProcess::close);
    exApp.close();
    engine.close();
  }
}
