// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static io.github.harp.launcher.gateway.TestSettings.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelTransport;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tunnels that come by WebSocket to the address of ExApps, instead of to their own. */
class TunnelsAtFrontDoorTest {

  private static final String REQUEST =
      """
      GET /~!frp HTTP/1.1\r
      Host: here\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Version: 13\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
      """;

  @TempDir Path folder;
  private final Vertx vertx = Vertx.vertx();
  private Gateway gateway;

  @AfterEach
  void stop() throws Exception {
    if (gateway != null) {
      gateway.stop(Duration.ZERO).await(60, TimeUnit.SECONDS);
    }
    vertx.close().await(60, TimeUnit.SECONDS);
  }

  private void start(Map<String, String> more) throws Exception {
    var environment = TestSettings.in(folder);
    environment.put("HP_ADMIN_ADDRESS", "off");
    environment.putAll(more);
    gateway = TestSettings.start(environment, folder, vertx).await(60, TimeUnit.SECONDS);
  }

  private int port() {
    return gateway.addresses().get(0).getPort();
  }

  private TunnelClientOptions.Builder engine(String token) {
    return DialledEngine.by(TunnelTransport.WEBSOCKET, port(), token);
  }

  @Test
  void byDefaultACertificateIsNeededInsideOfTheWebSocket() throws Exception {
    start(Map.of());
    try (var without = TunnelClient.start(engine(KEY).build());
        var with = TunnelClient.start(engine(KEY).tls(DialledEngine.certificate(folder)).build())) {
      await().until(() -> with.status().isHealthy());

      await().until(() -> without.status().lastFailure().isPresent());
      assertThat(without.status().logins()).isZero();
    }
  }

  @Test
  void theKeyIsEnoughWhereThatIsSaid() throws Exception {
    start(Map.of("HP_FRP_WEBSOCKET", "key"));
    try (var right = TunnelClient.start(engine(KEY).build());
        var wrong = TunnelClient.start(engine("a guess").build())) {
      await().until(() -> right.status().isHealthy());
      await().until(() -> wrong.status().lastFailure().orElse("").contains("refused the login"));
    }
  }

  @Test
  void aTunnelOutlivesTheRequestsWhenTheGatewayStops() throws Exception {
    start(Map.of("HP_FRP_WEBSOCKET", "key"));
    try (var engine = TunnelClient.start(engine(KEY).build())) {
      await().until(() -> engine.status().isHealthy());

      gateway.stop(Duration.ofSeconds(5)).await(60, TimeUnit.SECONDS);
      gateway = null;

      await().until(() -> !engine.status().isHealthy());
    }
  }

  @Test
  void switchedOffItIsRefusedAndCountsAgainstNobody() throws Exception {
    start(Map.of("HP_FRP_WEBSOCKET", "off", "HP_BLACKLIST_COUNT", "1"));

    for (int i = 0; i < 3; i++) {
      assertThat(firstLine(REQUEST + "\r\n")).startsWith("HTTP/1.1 400");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Upgrade: websocket, Upgrade: h2c",
    "Version: 13, Version: 8",
    "Key: dGhlIHNhbXBsZSBub25jZQ==, Key: short"
  })
  void whatIsNoRequestForWebSocketIsRefused(String right, String wrong) throws Exception {
    start(Map.of());

    assertThat(answer(REQUEST.replace(right, wrong) + "\r\n")).startsWith("HTTP/1.1 400");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Connection: keep-alive", "Upgrade: something-else"})
  void aHeaderMayHaveSeveralLines(String line) throws Exception {
    start(Map.of());

    assertThat(firstLine(REQUEST + line + "\r\n\r\n")).startsWith("HTTP/1.1 101");
  }

  @Test
  void aSecondKeyIsOneTooMany() throws Exception {
    start(Map.of());

    assertThat(firstLine(REQUEST + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"))
        .startsWith("HTTP/1.1 400");
  }

  @Test
  void aRequestForWebSocketHasNoBody() throws Exception {
    start(Map.of());

    assertThat(answer(REQUEST + "Content-Length: 5\r\n\r\n")).startsWith("HTTP/1.1 400");
  }

  @Test
  void overHttp2ThereIsNone() throws Exception {
    start(Map.of());
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/~!frp"))
            .version(HttpClient.Version.HTTP_2)
            .build();

    var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding());

    assertThat(answer.statusCode()).isEqualTo(400);
  }

  @Test
  void whoSaysNothingAfterTheSwitchIsCutOffInTime() throws Exception {
    start(Map.of());

    assertThat(answer(REQUEST + "\r\n")).startsWith("HTTP/1.1 101");
  }

  private String firstLine(String request) throws Exception {
    try (var socket = new Socket("127.0.0.1", port())) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1))
          .readLine();
    }
  }

  /** All that comes until the connection ends. */
  private String answer(String request) throws Exception {
    try (var socket = new Socket("127.0.0.1", port())) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }
}
