// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static io.github.harp.launcher.gateway.RunningNodes.KEY;
import static io.github.harp.launcher.gateway.RunningNodes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.harp.core.AppId;
import io.github.harp.core.Secret;
import io.github.harp.core.key.Deployment;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An ExApp that has dialled in at one node with frpc, asked for at another. */
class TunnelsOfNodesTest {

  private static final String SECRET = "its secret";
  private static final AtomicInteger PORTS = new AtomicInteger(23_000);
  private static final int ENGINE = 24_001;
  private static final int BLOCK = 64 * 1024;
  private static final int BLOCKS = 640;

  @TempDir private static Path folder;
  private static RunningNodes nodes;
  private static Gateway a;
  private static Gateway b;

  private final int port = PORTS.incrementAndGet();
  private HttpServer exApp;
  private final List<Process> clients = new ArrayList<>();
  private final AtomicLong blocksWritten = new AtomicLong();
  private final AtomicBoolean callerGone = new AtomicBoolean();

  @BeforeAll
  static void startNodes() throws Exception {
    nodes = new RunningNodes(folder);
    a = nodes.start("a");
    b = nodes.start("b");
  }

  @AfterAll
  static void stopNodes() throws Exception {
    nodes.close();
  }

  @BeforeEach
  void start() throws Exception {
    exApp =
        get(
            nodes
                .vertx()
                .createHttpServer(new HttpServerOptions().setHost("127.0.0.1"))
                .webSocketHandler(socket -> socket.textMessageHandler(socket::writeTextMessage))
                .requestHandler(this::serve)
                .listen(0));
  }

  @AfterEach
  void stop() throws Exception {
    clients.forEach(Process::destroyForcibly);
    get(exApp.close());
  }

  private void serve(HttpServerRequest request) {
    switch (request.path()) {
      case "/big" -> {
        request.response().setChunked(true).exceptionHandler(gone -> callerGone.set(true));
        request.response().closeHandler(gone -> callerGone.set(true));
        writeBlocks(request, 0);
      }
      case "/echo" -> request.body().onSuccess(request.response()::end);
      default -> request.response().end("the ExApp");
    }
  }

  private void writeBlocks(HttpServerRequest request, int written) {
    var answer = request.response();
    var count = written;
    while (count < BLOCKS && !answer.writeQueueFull() && !answer.closed()) {
      answer.write(Buffer.buffer(new byte[BLOCK]));
      count++;
      blocksWritten.incrementAndGet();
    }
    if (count == BLOCKS) {
      answer.end();
    } else if (!answer.closed()) {
      var next = count;
      answer.drainHandler(room -> writeBlocks(request, next));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.52.3", "0.61.1", "0.65.0", "0.70.1"})
  void requestsAndTheirAnswersPass(String frpc) throws Exception {
    dialIn(frpc, b, token(b), port, exApp.actualPort());

    assertThat(send(a, "/", "").body()).isEqualTo("the ExApp");
    assertThat(send(b, "/", "").body()).isEqualTo("the ExApp");
    var body = "x".repeat(3_000_000);
    assertThat(send(a, "/echo", body).body()).isEqualTo(body);
    for (var i = 0; i < 50; i++) {
      assertThat(send(a, "/", "").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aWebSocketPasses() throws Exception {
    dialIn("0.61.1", b, token(b), port, exApp.actualPort());
    var options =
        new WebSocketConnectOptions()
            .setHost("127.0.0.1")
            .setPort(port(a))
            .setURI("/exapps/demo/socket");
    headers().forEach(options::addHeader);
    var client = nodes.vertx().createWebSocketClient();
    var echo = new CompletableFuture<String>();
    var socket =
        get(client.connect(options).onSuccess(open -> open.textMessageHandler(echo::complete)));
    var text = "y".repeat(10_000);
    socket.writeTextMessage(text);

    assertThat(echo.get(20, TimeUnit.SECONDS)).isEqualTo(text);
    get(socket.close());
  }

  @Test
  void aSlowReaderHoldsTheExAppBackAndOneThatLeavesEndsIt() throws Exception {
    dialIn("0.61.1", b, token(b), port, exApp.actualPort());
    var slow = nodes.client().send(request(a, "/big", ""), BodyHandlers.ofInputStream());
    awaitStandstill();
    assertThat(blocksWritten).hasValueLessThan(BLOCKS);
    try (var bytes = slow.body()) {
      assertThat(count(bytes)).isEqualTo((long) BLOCK * BLOCKS);
    }

    blocksWritten.set(0);
    callerGone.set(false);
    var leaving = nodes.client().send(request(a, "/big", ""), BodyHandlers.ofInputStream());
    awaitStandstill();
    leaving.body().close();
    await().untilTrue(callerGone);
    assertThat(send(a, "/", "").body()).isEqualTo("the ExApp");
  }

  private void awaitStandstill() {
    var before = new AtomicLong(-1);
    await()
        .pollInterval(500, TimeUnit.MILLISECONDS)
        .until(
            () ->
                blocksWritten.get() > 0
                    && before.getAndSet(blocksWritten.get()) == blocksWritten.get());
  }

  private static long count(InputStream bytes) throws IOException {
    var all = 0L;
    var some = new byte[BLOCK];
    for (var read = bytes.read(some); read >= 0; read = bytes.read(some)) {
      all += read;
    }
    return all;
  }

  @Test
  void theSameCredentialAtAnotherNodeTakesThePlaceOfTheFirst() throws Exception {
    var first = dialIn("0.61.1", b, token(b), port, exApp.actualPort());
    assertThat(send(a, "/", "").body()).isEqualTo("the ExApp");
    var other =
        get(
            nodes
                .vertx()
                .createHttpServer(new HttpServerOptions().setHost("127.0.0.1"))
                .requestHandler(request -> request.response().end("its later process"))
                .listen(0));

    // The first is not to come back.
    new ProcessBuilder("kill", "-STOP", String.valueOf(first.pid())).start().waitFor();
    dialIn("0.70.1", a, token(a), port, other.actualPort());

    await()
        .untilAsserted(
            () -> {
              assertThat(send(a, "/", "").body()).isEqualTo("its later process");
              assertThat(send(b, "/", "").body()).isEqualTo("its later process");
            });
  }

  @Test
  void aNodeThatStopsLeavesItsExAppsToTheOthers() throws Exception {
    var leaving = nodes.start("leaving");
    dialIn("0.61.1", leaving, token(b), port, exApp.actualPort());
    assertThat(send(a, "/", "").body()).isEqualTo("the ExApp");
    nodes.stop(leaving);
    dialIn("0.61.1", a, token(a), port, exApp.actualPort());

    assertThat(send(a, "/", "").body()).isEqualTo("the ExApp");
  }

  @Test
  void anEngineOfAnotherNodeIsAsked() throws Exception {
    var engine =
        get(
            nodes
                .vertx()
                .createHttpServer(new HttpServerOptions().setHost("127.0.0.1"))
                .requestHandler(
                    request ->
                        request
                            .response()
                            .putHeader("content-type", "text/plain")
                            .end("asked for " + request.path()))
                .listen(0));
    dialIn("0.61.1", b, KEY, ENGINE, engine.actualPort());
    await().until(() -> pass(a).statusCode() == 200);

    assertThat(pass(a).body()).isEqualTo("asked for /_ping");
    assertThat(pass(b).body()).isEqualTo("asked for /_ping");
  }

  private HttpResponse<String> pass(Gateway node) throws Exception {
    return nodes
        .client()
        .send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + port(node) + "/exapps/app_api/_ping"))
                .header("harp-shared-key", KEY)
                .header("docker-engine-port", String.valueOf(ENGINE))
                .build(),
            BodyHandlers.ofString());
  }

  @Test
  void anyNodeShowsTheWayToTheOthers() throws Exception {
    var doctor = nodes.ask(a, "/doctor");
    assertThat(doctor).doesNotContain("is not reached: ");

    var shown = nodes.status(a).getJsonObject("cluster").getJsonArray("nodes");
    assertThat(shown)
        .map(JsonObject.class::cast)
        .filteredOn(node -> node.getString("name").equals("b"))
        .singleElement()
        .satisfies(node -> assertThat(node.getJsonObject("link").getBoolean("connected")).isTrue());
  }

  @Test
  void anExAppThatIsNowhereIsSaidToBe() throws Exception {
    var client = dialIn("0.61.1", b, token(b), port, exApp.actualPort());
    assertThat(send(a, "/", "").statusCode()).isEqualTo(200);
    client.destroyForcibly();

    await().until(() -> send(a, "/", "").statusCode() == 503);
    assertThatThrownBy(() -> get(nodes.vertx().createNetClient().connect(port, "127.0.0.1")))
        .as("a port that nobody opens here")
        .isNotNull();
  }

  private String token(Gateway node) {
    return node.tokens().mint(Deployment.of(new AppId("demo"), Secret.of(SECRET)), port);
  }

  private static int port(Gateway node) {
    return node.addresses().get(0).getPort();
  }

  private HttpResponse<String> send(Gateway node, String path, String body) throws Exception {
    return nodes.client().send(request(node, path, body), BodyHandlers.ofString());
  }

  private HttpRequest request(Gateway node, String path, String body) {
    var request =
        HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + port(node) + "/exapps/demo" + path));
    headers().forEach(request::header);
    return body.isEmpty() ? request.build() : request.POST(BodyPublishers.ofString(body)).build();
  }

  private Map<String, String> headers() {
    return Map.of(
        "harp-shared-key",
        KEY,
        "ex-app-id",
        "demo",
        "ex-app-version",
        "1.0.0",
        "ex-app-host",
        "127.0.0.1",
        "ex-app-port",
        String.valueOf(port),
        "authorization-app-api",
        Base64.getEncoder().encodeToString((":" + SECRET).getBytes(StandardCharsets.UTF_8)));
  }

  private Process dialIn(String version, Gateway at, String token, int port, int service)
      throws Exception {
    var root = Path.of(System.getProperty("harp.root", "..")).toAbsolutePath().normalize();
    var program = root.resolve("interop/bin").resolve(version).resolve("frpc");
    assumeTrue(Files.isExecutable(program), program + " is missing: run interop/build " + version);
    var own = Files.createTempDirectory(folder, "frpc");
    // One file for all nodes, as a container has it.
    for (var file : a.authority().orElseThrow().clientFiles().entrySet()) {
      Files.writeString(own.resolve(file.getKey()), file.getValue());
    }
    Files.writeString(
        own.resolve("frpc.toml"),
        """
        serverAddr = "127.0.0.1"
        serverPort = %d
        loginFailExit = false
        metadatas.token = "%s"
        transport.tls.enable = true
        transport.tls.certFile = "client.crt"
        transport.tls.keyFile = "client.key"
        transport.tls.trustedCaFile = "ca.crt"
        transport.tls.serverName = "harp.nc"

        [[proxies]]
        name = "demo"
        type = "tcp"
        localIP = "127.0.0.1"
        localPort = %d
        remotePort = %d
        """
            .formatted(at.tunnelAddress().getPort(), token, service, port));
    var client =
        new ProcessBuilder(program.toString(), "-c", "frpc.toml")
            .directory(own.toFile())
            .redirectErrorStream(true)
            .redirectOutput(own.resolve("log").toFile())
            .start();
    clients.add(client);
    await().until(() -> Files.readString(own.resolve("log")).contains("start proxy success"));
    return client;
  }
}
