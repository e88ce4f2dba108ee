// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.AppId;
import io.github.harp.core.Secret;
import io.github.harp.core.key.Deployment;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
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
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose tunnel gets what, in a whole gateway whose Nextcloud does not answer. */
class GatewayTunnelsTest {

  private static final String KEY = "correct-horse-battery-staple";
  private static final int FIRST_PORT = 23_000;
  private static final int LAST_PORT = 23_999;

  @TempDir Path certificates;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private Gateway gateway;

  @BeforeEach
  void start() throws Exception {
    var environment = TestSettings.in(certificates);
    environment.putAll(Map.of("HP_SHARED_KEY", KEY, "HP_FRP_DISABLE_TLS", "true"));
    gateway = result(TestSettings.start(environment, certificates, vertx));
  }

  @AfterEach
  void stop() throws Exception {
    for (var each : open) {
      each.close();
    }
    result(gateway.stop(Duration.ZERO));
    result(vertx.close());
  }

  @Test
  @DisplayName("S5: a pushed record ends the tunnel of the ExApp that had its port before")
  void s5_aPushedRecordEndsTheTunnelOfWhoHadItsPortBefore() throws Exception {
    var service = answering("the removed one");
    dialIn("removed", "its secret", FIRST_PORT, service.getLocalPort());
    assertThat(get("removed", "its secret", FIRST_PORT)).isEqualTo("the removed one");

    assertThat(get("removed", "the secret of a later deployment", FIRST_PORT))
        .isNotEqualTo("the removed one");

    push("successor", "another secret", FIRST_PORT);

    await()
        .untilAsserted(
            () -> assertThat(get("removed", "its secret", FIRST_PORT)).startsWith("503"));
    dialIn("successor", "another secret", FIRST_PORT, answering("successor").getLocalPort());
    assertThat(get("successor", "another secret", FIRST_PORT)).isEqualTo("successor");
  }

  @Test
  @DisplayName("S17, W7: after a restart no local process is taken for an ExApp that has a tunnel")
  void s17_w7_afterARestartNoLocalProcessIsTakenForAnExAppWithATunnel() throws Exception {
    var local = answeringOnATunnelsPort("a local process");
    var port = local.getLocalPort();
    var service = answering("the ExApp");
    dialIn("demo", "its secret", port, service.getLocalPort());
    push("demo", "its secret", port);
    assertThat(get("demo", "its secret", port)).isEqualTo("the ExApp");
    await()
        .untilAsserted(
            () ->
                assertThat(certificates.resolve("tunnel-ports"))
                    .content()
                    .contains(port + " opened demo:"));

    open.removeLast().close();
    result(gateway.stop(Duration.ZERO));
    start();
    push("demo", "its secret", port);

    assertThat(get("demo", "its secret", port)).startsWith("503");
    push("by-hand", "another secret", port);
    assertThat(get("by-hand", "another secret", port))
        .as("F13: what was registered by hand on that port is reached")
        .isEqualTo("a local process");
  }

  @Test
  @DisplayName("W7: who was given a token is noted beside the certificates")
  void w7_whoWasGivenATokenIsNoted() {
    gateway.tokens().mint(Deployment.of(new AppId("demo"), Secret.of("its secret")), FIRST_PORT);

    await()
        .untilAsserted(
            () ->
                assertThat(Files.readString(certificates.resolve("tunnel-ports")))
                    .contains(FIRST_PORT + " expected demo:"));
  }

  private void dialIn(String appId, String secret, int port, int service) {
    var client =
        TunnelClient.start(
            TunnelClientOptions.to("127.0.0.1", gateway.tunnelAddress().getPort())
                .metas(Map.of("token", token(appId, secret, port)))
                .proxies(TunnelProxy.of(appId, port, new TunnelTarget.Tcp("127.0.0.1", service)))
                .build());
    open.addLast(client);
    await().until(() -> client.status().isHealthy());
  }

  private String token(String appId, String secret, int port) {
    return gateway.tokens().mint(Deployment.of(new AppId(appId), Secret.of(secret)), port);
  }

  private void push(String appId, String secret, int port) throws Exception {
    var body =
        """
        {"exapp_token": "%s", "exapp_version": "1.0.0", "host": "127.0.0.1", "port": %d}
        """
            .formatted(secret, port);
    var request =
        HttpRequest.newBuilder(uri("/exapps/app_api/exapp_storage/" + appId))
            .header("harp-shared-key", KEY)
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    assertThat(http.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(204);
  }

  /** The body of a 200, or the status. */
  private String get(String appId, String secret, int port) throws Exception {
    var request =
        HttpRequest.newBuilder(uri("/exapps/" + appId + "/"))
            .header("harp-shared-key", KEY)
            .header("ex-app-id", appId)
            .header("ex-app-version", "1.0.0")
            .header("ex-app-host", "127.0.0.1")
            .header("ex-app-port", String.valueOf(port))
            .header(
                "authorization-app-api",
                Base64.getEncoder().encodeToString((":" + secret).getBytes(StandardCharsets.UTF_8)))
            .build();
    var answer = http.send(request, BodyHandlers.ofString());
    return answer.statusCode() == 200 ? answer.body() : answer.statusCode() + " " + answer.body();
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + gateway.addresses().get(0).getPort() + path);
  }

  private ServerSocket answering(String text) throws IOException {
    return answer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), text);
  }

  private ServerSocket answeringOnATunnelsPort(String text) throws IOException {
    for (int port = LAST_PORT; port > FIRST_PORT; port--) {
      try {
        return answer(new ServerSocket(port, 50, InetAddress.getLoopbackAddress()), text);
      } catch (IOException e) {
        // Somebody has it; the next one.
      }
    }
    throw new IOException("no port from 23001 to 23999 is free, expected at least one");
  }

  private ServerSocket answer(ServerSocket server, String text) {
    open.addFirst(server);
    var answer =
        "HTTP/1.1 200 OK\r\nContent-Length: "
            + text.length()
            + "\r\nConnection: close\r\n\r\n"
            + text;
    var thread =
        new Thread(
            () -> {
              while (!server.isClosed()) {
                try (var socket = server.accept()) {
                  socket.getInputStream().read(new byte[4096]);
                  socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                  // The client left, or the test is over.
                }
              }
            },
            "exapp");
    thread.setDaemon(true);
    thread.start();
    return server;
  }

  private static <T> T result(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
