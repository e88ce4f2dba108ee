// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.reverseproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelTransport;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What works without a reverse proxy also works behind one that is configured as documented. */
abstract class ReverseProxyContract extends BehindAReverseProxy {

  @Test
  void thePageAndItsFilesArrive() {
    assertThat(text(request(HttpMethod.GET, ""))).contains("<title>HaRP demo</title>");
    assertThat(text(request(HttpMethod.GET, "static/app.js"))).contains("WebSocket");
  }

  @Test
  void theTargetArrivesAsItWasSent() {
    var echo = json(request(HttpMethod.GET, "api/echo?q=a%2Fb&q=%C3%A9&r=a+b"));

    assertThat(echo.getString("query")).isEqualTo("q=a%2Fb&q=%C3%A9&r=a+b");
    assertThat(echo.getString("user")).isEqualTo("alice");
    // An encoded slash is still one behind the proxy: no route of the demo is called like this.
    assertThat(status(request(HttpMethod.GET, "api%2Fecho"))).isEqualTo(404);
    // The line is written when the client has its answer already.
    await()
        .untilAsserted(
            () ->
                assertThat(accessLines())
                    .anyMatch(line -> line.contains("/exapps/demo/api%2Fecho")));
  }

  @Test
  @DisplayName("F24: the host is the one that the browser asked for, with its port")
  void theHostIsTheOneThatTheBrowserAskedFor() {
    var headers = json(request(HttpMethod.GET, "api/echo")).getJsonObject("headers");

    assertThat(headers.getString("host")).isEqualTo("127.0.0.1:" + port);
    assertThat(headers.getString("x-forwarded-proto")).isEqualTo("http");
  }

  @Test
  void theClientIsKnownByItsOwnAddressWhateverItSays() {
    var request = request(HttpMethod.GET, "api/me?who").putHeader("X-Forwarded-For", "192.0.2.66");

    assertThat(status(request)).isEqualTo(200);

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(accessLines())
                    .anyMatch(
                        line -> line.contains("api/me") && line.contains("client=" + CLIENT)));
  }

  /** A proxy tries again what ends a kept connection without an answer, on each that it has. */
  @Test
  void whatIsDroppedReachesTheGatewayOnce() {
    assertThat(status(request(HttpMethod.GET, "api/echo"))).isEqualTo(200);

    assertThat(status(request(HttpMethod.GET, "heartbeat"))).isIn(403, 502);

    await().atMost(PATIENCE).untilAsserted(() -> assertThat(dropped()).isNotEmpty());
    assertThat(dropped()).hasSize(1);
  }

  private List<String> dropped() {
    return accessLines().stream().filter(line -> line.contains("INTERNAL_ENDPOINT")).toList();
  }

  @Test
  void eventsComeAsTheyHappen() {
    // The stream never ends, so that whoever collects it would never pass it on.
    Promise<Buffer> first = Promise.promise();
    var answer =
        get(
            send(
                request(HttpMethod.GET, "api/clock"),
                Buffer.buffer(),
                open ->
                    Future.succeededFuture(
                        open.handler(first::tryComplete).exceptionHandler(first::tryFail))));

    assertThat(get(first.future()).toString()).startsWith("event: tick");
    get(answer.request().connection().close());
  }

  /** Where a proxy does not look at a client that says nothing, the next event tells it. */
  @Test
  void whoeverLeavesAStreamIsNoticedAtItsNextEvent() {
    Promise<Buffer> first = Promise.promise();
    var answer =
        get(
            send(
                request(HttpMethod.GET, "api/clock?leaving"),
                Buffer.buffer(),
                open -> Future.succeededFuture(open.handler(first::tryComplete))));
    get(first.future());

    get(answer.request().connection().close());

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(accessLines()).anyMatch(line -> line.contains("api/clock")));
  }

  /** Where a proxy does not look at a client that says nothing, the time limit ends it. */
  @Test
  void whoeverLeavesASilentStreamIsNoticedSoonerOrLater() {
    Promise<Buffer> first = Promise.promise();
    var answer =
        get(
            send(
                inFolder("left?silent"),
                Buffer.buffer(),
                open -> Future.succeededFuture(open.handler(first::tryComplete))));
    get(first.future());

    get(answer.request().connection().close());

    var error = noticesWhoLeavesASilentStream() ? "error=CLIENT_GONE" : "error=RESPONSE_TIMEOUT";
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(accessLines())
                    .filteredOn(line -> line.contains("demo/left"))
                    .singleElement()
                    .asString()
                    .contains(error));
  }

  /** What docs/reverse-proxies.md says of it. */
  boolean noticesWhoLeavesASilentStream() {
    return true;
  }

  /** The gateway of the folder has HP_EARLY_HINTS on. */
  @Test
  void earlyHintsAreNotTheAnswer() throws Exception {
    var head = firstHead("x?hint");

    assertThat(head.get(0)).isEqualTo("HTTP/1.1 103 Early Hints");
    // Only an answer says what becomes of the connection after it.
    assertThat(head.contains("Connection: close")).isEqualTo(takesEarlyHintsForTheAnswer());
  }

  /** What docs/reverse-proxies.md and doctor warn of. */
  boolean takesEarlyHintsForTheAnswer() {
    return false;
  }

  private List<String> firstHead(String path) throws IOException {
    try (var socket = new Socket("127.0.0.1", folderPort)) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      var request =
          "GET /nextcloud/exapps/demo/"
              + path
              + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
          .lines()
          .takeWhile(line -> !line.isEmpty())
          .toList();
    }
  }

  @Test
  void anAnswerThatBreaksOffIsSeenAsOne() {
    var body = send(inFolder("x?cut"), Buffer.buffer(), HttpClientResponse::body);

    if (makesCutAnswersWhole()) {
      assertThat(get(body).toString()).isEqualTo("half");
    } else {
      assertThatThrownBy(() -> get(body)).isInstanceOf(AssertionError.class);
    }
  }

  /** What docs/reverse-proxies.md warns of. */
  boolean makesCutAnswersWhole() {
    return false;
  }

  @Test
  void aWebSocketCarriesMessagesBothWays() {
    var webSockets = vertx.createWebSocketClient();
    Promise<JsonObject> heard = Promise.promise();
    var socket =
        get(
            webSockets
                .connect(chat())
                .map(
                    open -> {
                      open.textMessageHandler(
                          text -> {
                            var message = new JsonObject(text);
                            if (!message.getString("from").isEmpty()) {
                              heard.tryComplete(message);
                            }
                          });
                      open.closeHandler(closed -> heard.tryFail("closed"));
                      open.writeTextMessage("Hello, proxy");
                      return open;
                    }));

    assertThat(get(heard.future()).getString("text")).isEqualTo("Hello, proxy");
    get(socket.close());
    get(webSockets.close());
  }

  @Test
  void anUploadMayBeLarge() {
    var bytes = 5 << 20;
    var answer =
        get(
            send(
                request(HttpMethod.PUT, "api/upload"),
                Buffer.buffer(new byte[bytes]),
                HttpClientResponse::body));

    assertThat(answer.toJsonObject().getInteger("bytes")).isEqualTo(bytes);
  }

  @Test
  @DisplayName("F15: with Nextcloud in a folder its ExApps are below that folder")
  void anExAppOfANextcloudInAFolderIsReached() {
    assertThat(text(inFolder("x%2Fy/z?q=a%20b"))).isEqualTo("/x%2Fy/z?q=a%20b");
    assertThat(text(inFolder("exapps/x"))).isEqualTo("/exapps/x");
  }

  @ParameterizedTest(name = "F24: {0} KiB")
  @ValueSource(ints = {3, 7, 30})
  void answersWithManyHeadersArrive(int headers) {
    var answer =
        get(
            send(
                inFolder("x?headers=" + headers),
                Buffer.buffer(),
                head -> head.body().map(body -> head)));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().names())
        .filteredOn(name -> name.toLowerCase(Locale.ROOT).startsWith("x-header-"))
        .hasSize(headers);
  }

  static Stream<Arguments> engines() {
    return Stream.of("0.52.3", "0.61.1", "0.65.0", "0.70.1")
        .flatMap(version -> Stream.of(Arguments.of(version, false), Arguments.of(version, true)));
  }

  @ParameterizedTest(name = "frpc {0}, TLS inside: {1}")
  @MethodSource("engines")
  void anEngineDialsInByWebSocket(String version, boolean tls, @TempDir Path folder)
      throws Exception {
    dialIn(version, "websocket", folderPort, tls, folder);
  }

  @Test
  void whoGuessesKeysThroughATunnelIsKnownByItsOwnAddress() throws Exception {
    var refused = new ListAppender<ILoggingEvent>();
    refused.start();
    var logger = (Logger) LoggerFactory.getLogger("io.github.harp.tunnel");
    logger.addAppender(refused);
    var options =
        TunnelClientOptions.to("127.0.0.1", folderPort)
            .transport(TunnelTransport.WEBSOCKET)
            .metas(Map.of("token", "a guess"))
            .build();
    try (var guesser = TunnelClient.start(options)) {
      await()
          .atMost(PATIENCE)
          .until(() -> guesser.status().lastFailure().orElse("").contains("refused the login"));
    } finally {
      logger.detachAppender(refused);
    }

    assertThat(List.copyOf(refused.list))
        .extracting(ILoggingEvent::getFormattedMessage)
        .anyMatch(line -> line.startsWith("refused 127.0.0.1:0: login"));
  }
}
