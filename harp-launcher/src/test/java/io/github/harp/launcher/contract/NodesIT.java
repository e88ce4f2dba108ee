// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.harp.core.AppId;
import io.github.harp.core.Secret;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.key.SharedKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes behind HAProxy, an ExApp that dials in through it, and Redis. */
class NodesIT {

  private static final String SECRET = "its secret";
  private static final int PORT = 23_000;

  /** Below those that Linux gives to whoever connects. */
  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger(25_000 + (int) (ProcessHandle.current().pid() % 6_000));

  private static final int ENGINE = 24_001;

  @TempDir private Path folder;

  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final List<Process> programs = new ArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final RawServer exApp = new RawServer();
  private final RawServer engine = new RawServer();
  private final int front = port();
  private final int tunnels = port();
  private final int redisPort = port();

  /** A node that keeps its ports and its folder when it is started again. */
  private final class Node implements AutoCloseable {
    private final String name;
    private final int http = port();
    private final int frp = port();
    private final int admin = port();
    private final int peers = port();
    private HarpProcess process;

    Node(String name) {
      this.name = name;
    }

    Node start() {
      process =
          HarpProcess.start(
              Map.ofEntries(
                  Map.entry("HP_SHARED_KEY", Stage.KEY),
                  Map.entry("NC_INSTANCE_URL", "http://127.0.0.1:9"),
                  Map.entry("HP_EXAPPS_ADDRESS", "127.0.0.1:" + http),
                  Map.entry("HP_FRP_ADDRESS", "127.0.0.1:" + frp),
                  Map.entry("HP_FRP_DISABLE_TLS", "true"),
                  Map.entry("HP_ADMIN_ADDRESS", "127.0.0.1:" + admin),
                  Map.entry("HP_CERTS_DIR", folder.resolve(name).toString()),
                  Map.entry("HP_DOCKER_ENGINES", ""),
                  Map.entry("HP_TRUSTED_PROXY_IPS", "127.0.0.1"),
                  Map.entry("HP_CLUSTER_URL", "redis://127.0.0.1:" + redisPort),
                  Map.entry("HP_CLUSTER_NODE", name),
                  Map.entry("HP_CLUSTER_ADDRESS", "127.0.0.1:" + peers)));
      return this;
    }

    Node awaitReady() {
      await()
          .atMost(Duration.ofMinutes(2))
          .until(
              () -> {
                assertThat(isAlive()).as(process.output()).isTrue();
                return answers("/ready") == 200;
              });
      return this;
    }

    private boolean isAlive() {
      return ProcessHandle.of(process.pid()).map(ProcessHandle::isAlive).orElse(false);
    }

    private int answers(String path) throws InterruptedException {
      try {
        return client
            .send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + path)).build(),
                BodyHandlers.discarding())
            .statusCode();
      } catch (IOException notYet) {
        return 0;
      }
    }

    @Override
    public void close() {
      process.close();
    }
  }

  @BeforeEach
  void start() throws Exception {
    assumeTrue(Files.exists(Path.of("/usr/bin/redis-server")), "no redis-server");
    assumeTrue(Files.exists(Path.of("/usr/sbin/haproxy")), "no haproxy");
    exApp.otherwise((request, in, out) -> out.write(RawServer.json(200, "{\"it\": \"is me\"}")));
    engine.otherwise(
        (request, in, out) ->
            out.write(RawServer.json(404, "{\"message\": \"No such container\"}")));
    program("/usr/bin/redis-server", "--port", String.valueOf(redisPort), "--save", "");
    for (var name : List.of("one", "two", "three")) {
      nodes.put(name, new Node(name).start());
    }
    nodes.values().forEach(Node::awaitReady);
    program("/usr/sbin/haproxy", "-db", "-f", balancer().toString());
    dialIn("demo", token(), PORT, exApp.port());
    dialIn("engine", Stage.KEY, ENGINE, engine.port());
    await().until(() -> get() == 200);
    await().until(() -> order() == 200);
  }

  @AfterEach
  void stop() {
    programs.forEach(Process::destroyForcibly);
    nodes.values().forEach(Node::close);
    exApp.close();
    engine.close();
  }

  /** One that nobody is given for a connection of his own while its node is away. */
  private static int port() {
    while (true) {
      var port = NEXT_PORT.getAndIncrement();
      try (var free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return free.getLocalPort();
      } catch (IOException taken) {
        // The next one.
      }
    }
  }

  private void program(String... line) throws IOException {
    programs.add(
        new ProcessBuilder(line)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("program-" + programs.size() + ".log").toFile())
            .start());
  }

  private Path balancer() throws IOException {
    return Files.writeString(
        folder.resolve("haproxy.cfg"),
        """
        defaults
          timeout connect 2s
          timeout client 60s
          timeout server 60s
          timeout check 10s
          retries 5
          option redispatch 1
          option httpchk GET /ready
          default-server check inter 1s fall 3 rise 1
        listen exapps
          bind 127.0.0.1:%d
          mode http
          option forwardfor
          retry-on conn-failure empty-response
          http-request disable-l7-retry unless METH_GET
        %s
        listen tunnels
          bind 127.0.0.1:%d
          mode tcp
        %s
        """
            .formatted(front, servers(node -> node.http), tunnels, servers(node -> node.frp)));
  }

  private String servers(ToIntFunction<Node> port) {
    return nodes.values().stream()
        .map(
            node ->
                "  server "
                    + node.name
                    + " 127.0.0.1:"
                    + port.applyAsInt(node)
                    + " port "
                    + node.admin)
        .collect(Collectors.joining("\n"));
  }

  private static String token() {
    return new HmacTunnelTokens(SharedKey.of(Stage.KEY))
        .mint(Deployment.of(new AppId("demo"), Secret.of(SECRET)), PORT);
  }

  private void dialIn(String name, String token, int port, int service) throws IOException {
    var root = Path.of(System.getProperty("harp.root", "..")).toAbsolutePath().normalize();
    var frpc = root.resolve("interop/bin/0.61.1/frpc");
    assumeTrue(Files.isExecutable(frpc), frpc + " is missing: run interop/build 0.61.1");
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
    program(frpc.toString(), "-c", toml.toString());
  }

  // ---- what is asked for

  private int get() throws InterruptedException {
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
  private int order() throws InterruptedException {
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
      return client
          .send(request.timeout(Duration.ofMinutes(1)).build(), BodyHandlers.discarding())
          .statusCode();
    } catch (IOException broken) {
      return 0;
    }
  }

  private interface Question {
    int ask() throws InterruptedException;
  }

  /** Somebody who asks again and again. */
  private final class Load implements AutoCloseable {
    private static final long PAUSE_MS = 20;
    private final Queue<Integer> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final Thread thread;

    Load(Question question) {
      thread =
          new Thread(
              () -> {
                try {
                  while (true) {
                    Thread.sleep(PAUSE_MS);
                    var status = question.ask();
                    answered.incrementAndGet();
                    if (status != 200) {
                      failures.add(status);
                    }
                  }
                } catch (InterruptedException over) {
                  // Enough.
                }
              },
              "load");
      thread.start();
    }

    void awaitMore(int answers) {
      var before = answered.get();
      await().atMost(Duration.ofMinutes(1)).until(() -> answered.get() >= before + answers);
    }

    @Override
    public void close() {
      thread.interrupt();
      try {
        thread.join(60_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void aRollingRestartLosesNoIdempotentRequestAndNoOrder() throws Exception {
    try (var requests = new Load(this::get);
        var more = new Load(this::get);
        var orders = new Load(this::order)) {
      for (var node : nodes.values()) {
        requests.awaitMore(20);
        orders.awaitMore(5);
        node.process.terminate();
        assertThat(node.process.awaitExit()).isZero();
        node.start().awaitReady();
      }
      requests.awaitMore(20);
      orders.awaitMore(5);

      assertThat(requests.failures).isEmpty();
      assertThat(more.failures).isEmpty();
      assertThat(orders.failures).isEmpty();
    }
  }
}
