// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.harp.core.AppId;
import io.github.harp.core.Secret;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.key.SharedKey;
import io.github.harp.launcher.contract.Machines.Machine;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Three nodes behind HAProxy, as docs/cluster.md has it configured, and Redis, each on a machine of
 * its own; an ExApp and an engine that dial in through HAProxy from here; and for each node an
 * engine that it reaches itself. The second node's clock is a minute fast.
 */
final class ThreeNodes implements AutoCloseable {

  static final int PORT = 23_000;

  private static final int ENGINE = 24_001;
  private static final int NEAR_ENGINE = 24_002;
  private static final String SECRET = "its secret";
  private static final List<String> HEADERS =
      List.of(
          "harp-shared-key",
          Stage.KEY,
          "ex-app-id",
          "demo",
          "ex-app-version",
          "1.0.0",
          "ex-app-host",
          "127.0.0.1",
          "ex-app-port",
          String.valueOf(PORT),
          "authorization-app-api",
          Base64.getEncoder().encodeToString((":" + SECRET).getBytes(StandardCharsets.UTF_8)));
  private static final Path ROOT =
      Path.of(System.getProperty("harp.root", "..")).toAbsolutePath().normalize();
  private static final Path REDIS = Path.of("/usr/bin/redis-server");
  private static final Path HAPROXY = Path.of("/usr/sbin/haproxy");
  private static final Path FRPC = ROOT.resolve("interop/bin/0.61.1/frpc");
  private static final Path NEWER_FRPC = ROOT.resolve("interop/bin/0.70.1/frpc");
  private static final Path FAKETIME = Path.of("/usr/bin/faketime");
  private static final Map<String, String> A_MINUTE_FAST =
      Map.of(
          "LD_PRELOAD", "/usr/$LIB/faketime/libfaketimeMT.so.1",
          "FAKETIME", "+60s",
          "FAKETIME_DONT_FAKE_MONOTONIC", "1",
          "FAKETIME_DISABLE_SHM", "1");

  /** A node starts in seconds, and in minutes where many others want the processors. */
  static final Duration LONG = Duration.ofMinutes(4);

  private final Path folder;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final RawServer exApp = new RawServer();
  private final RawServer engine = new RawServer();
  private final Map<NodeProcess, RawServer> nearEngines = new HashMap<>();
  private final List<Process> programs = new ArrayList<>();
  private final Machines machines = new Machines();
  private final Machine balancer = machines.add("balancer");
  private final Machine store = machines.add("redis");
  private final List<NodeProcess> nodes;
  private Process redis;

  ThreeNodes(Path folder) {
    this.folder = folder;
    exApp.otherwise((request, in, out) -> out.write(RawServer.json(200, "{\"it\": \"is me\"}")));
    engine.otherwise(
        (request, in, out) ->
            out.write(RawServer.json(404, "{\"message\": \"No such container\"}")));
    nodes = Stream.of("one", "two", "three").map(this::node).toList();
  }

  private NodeProcess node(String name) {
    var near = new RawServer(machines.here());
    var environment =
        new HashMap<>(
            Map.of(
                "HP_CLUSTER_URL", "redis://" + store.address(),
                "HP_TRUSTED_PROXY_IPS", balancer.address(),
                "HP_DOCKER_ENGINES",
                    NEAR_ENGINE + "=tcp://" + machines.here() + ":" + near.port()));
    if (name.equals("two")) {
      environment.putAll(A_MINUTE_FAST);
    }
    var node = new NodeProcess(name, machines.add(name), folder.resolve(name), client, environment);
    nearEngines.put(node, near);
    return node;
  }

  /** Whatever is needed for it. */
  static void assume() {
    assumeTrue(System.getProperty("user.name").equals("root"), "machines are made as root");
    for (var file : List.of(REDIS, HAPROXY, FRPC, NEWER_FRPC, FAKETIME)) {
      assumeTrue(Files.exists(file), file + " is missing; CONTRIBUTING.md says what brings it");
    }
  }

  void start() throws Exception {
    startRedis();
    nodes.forEach(NodeProcess::start);
    nodes.forEach(NodeProcess::awaitReady);
    program(balancer, HAPROXY.toString(), "-db", "-f", configuration().toString());
    dialIn(FRPC, "demo", token(), PORT, exApp.port());
    dialIn(NEWER_FRPC, "engine", Stage.KEY, ENGINE, engine.port());
    awaitAllWell();
  }

  List<NodeProcess> all() {
    return nodes;
  }

  List<NodeProcess> others(NodeProcess than) {
    return nodes.stream().filter(node -> node != than).toList();
  }

  /** At which the tunnel of the ExApp ends. */
  NodeProcess withTheExApp() {
    return await().atMost(LONG).until(this::owners, owners -> owners.size() == 1).get(0);
  }

  /** At which there is a tunnel of the ExApp. */
  List<NodeProcess> owners() throws InterruptedException {
    var owners = new ArrayList<NodeProcess>();
    for (var node : nodes) {
      if (node.has(PORT)) {
        owners.add(node);
      }
    }
    return owners;
  }

  /** Requests and orders get their answers, a dozen each in a row. */
  void awaitAllWell() {
    for (var i = 0; i < 12; i++) {
      await().atMost(LONG).until(() -> get() == 200);
      await().atMost(LONG).until(() -> order() == 200);
    }
  }

  /** The same, and each node reaches the ExApp. */
  void awaitAllWellAtEach() {
    awaitAllWell();
    for (var node : nodes) {
      await().atMost(LONG).until(() -> get(node) == 200);
    }
  }

  void startRedis() throws IOException {
    redis =
        program(
            store,
            REDIS.toString(),
            "--bind",
            store.address(),
            "--protected-mode",
            "no",
            "--save",
            "");
  }

  void killRedis() throws InterruptedException {
    redis.destroyForcibly().waitFor();
  }

  /** What redis-cli prints. */
  String redis(String... command) throws Exception {
    var line = new ArrayList<>(List.of("redis-cli", "-h", store.address()));
    line.addAll(List.of(command));
    var process = new ProcessBuilder(line).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  void cutFromRedis(NodeProcess node) {
    machines.cut(node.machine, store);
  }

  void cutFromOthers(NodeProcess node) {
    others(node).forEach(other -> machines.cut(node.machine, other.machine));
  }

  void cutFromBalancer(NodeProcess node) {
    machines.cut(node.machine, balancer);
  }

  void mend() {
    machines.mend();
  }

  private Process program(Machine at, String... line) throws IOException {
    var command = new ArrayList<>(at.command());
    command.addAll(List.of(line));
    return program(command);
  }

  private Process program(List<String> line) throws IOException {
    var program =
        new ProcessBuilder(line)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("program-" + programs.size() + ".log").toFile())
            .start();
    programs.add(program);
    return program;
  }

  /** The one in the documentation, but for the addresses of the nodes. */
  private Path configuration() throws IOException {
    var text =
        Pattern.compile("(?s)```haproxy\n(.*?)```")
            .matcher(Files.readString(ROOT.resolve("docs/cluster.md")))
            .results()
            .findFirst()
            .orElseThrow()
            .group(1);
    for (var i = 0; i < nodes.size(); i++) {
      text = text.replace("10.0.0." + (i + 1) + ":", nodes.get(i).machine.address() + ":");
    }
    return Files.writeString(folder.resolve("haproxy.cfg"), text);
  }

  private static String token() {
    return new HmacTunnelTokens(SharedKey.of(Stage.KEY))
        .mint(Deployment.of(new AppId("demo"), Secret.of(SECRET)), PORT);
  }

  private void dialIn(Path frpc, String name, String token, int port, int service)
      throws IOException {
    var toml =
        Files.writeString(
            folder.resolve(name + ".toml"),
            """
            serverAddr = "%s"
            serverPort = 8782
            loginFailExit = false
            metadatas.token = "%s"

            [[proxies]]
            name = "%s"
            type = "tcp"
            localIP = "127.0.0.1"
            localPort = %d
            remotePort = %d
            """
                .formatted(balancer.address(), token, name, service, port));
    program(List.of(frpc.toString(), "-c", toml.toString()));
  }

  /** What the ExApp answers, through the balancer. */
  int get() throws InterruptedException {
    return get(balancer);
  }

  /** The same through one node. */
  int get(NodeProcess node) throws InterruptedException {
    return get(node.machine);
  }

  private int get(Machine at) throws InterruptedException {
    return status(
        HttpRequest.newBuilder(uri(at, "/exapps/demo/")).headers(HEADERS.toArray(String[]::new)));
  }

  /** A request of one's own to the ExApp through one node; answers may take their time. */
  Wire ask(NodeProcess node, String method, String path, String... headers) {
    var head = new StringBuilder(method + " /exapps/demo" + path + " HTTP/1.1\r\nHost: harp\r\n");
    var all = new ArrayList<>(HEADERS);
    all.addAll(List.of(headers));
    for (var i = 0; i < all.size(); i += 2) {
      head.append(all.get(i)).append(": ").append(all.get(i + 1)).append("\r\n");
    }
    return new Wire(new InetSocketAddress(node.machine.address(), 8780), LONG).send(head + "\r\n");
  }

  RawServer exApp() {
    return exApp;
  }

  /** Whether there is a container: asks the engine that has dialled in somewhere. */
  int order() throws InterruptedException {
    return status(order(balancer, "exists", ENGINE, "demo", new JsonObject()));
  }

  /** Creates a container at the engine that this node reaches itself; ends when it does. */
  CompletableFuture<Integer> create(NodeProcess node, String app) {
    var order =
        order(
            node.machine,
            "create",
            NEAR_ENGINE,
            app,
            new JsonObject().put("image_id", "demo:1").put("network_mode", "host"));
    return client
        .sendAsync(order.timeout(LONG).build(), BodyHandlers.discarding())
        .thenApply(answer -> answer.statusCode());
  }

  /** The one that this node reaches itself. */
  RawServer nearEngine(NodeProcess node) {
    return nearEngines.get(node);
  }

  private HttpRequest.Builder order(
      Machine at, String order, int engine, String app, JsonObject body) {
    return HttpRequest.newBuilder(uri(at, "/exapps/app_api/docker/exapp/" + order))
        .header("harp-shared-key", Stage.KEY)
        .header("docker-engine-port", String.valueOf(engine))
        .header("content-type", "application/json")
        .POST(BodyPublishers.ofString(body.put("name", app).put("instance_id", "").encode()));
  }

  private static URI uri(Machine at, String path) {
    return URI.create("http://" + at.address() + ":8780" + path);
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
    try {
      programs.forEach(Process::destroyForcibly);
      nodes.forEach(NodeProcess::close);
      nearEngines.values().forEach(RawServer::close);
      exApp.close();
      engine.close();
    } finally {
      machines.close();
    }
  }
}
