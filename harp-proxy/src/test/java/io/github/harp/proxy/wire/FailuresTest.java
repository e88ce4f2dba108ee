// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.HarpProxyOptions.Timeouts.Upgraded;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.forward.UpstreamRemarks;
import io.github.harp.proxy.transport.TransportChoice;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Upstreams that die, clients that vanish, and everybody who is too slow. */
class FailuresTest {

  private static final String GET = "GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  private static final Duration SHORT = Duration.ofMillis(200);

  /** Where the test itself has to be quicker than the limit. */
  private static final Duration AMPLE = Duration.ofSeconds(2);

  private final AtomicInteger requests = new AtomicInteger();
  private ScriptedServer exApp;
  private TestProxy proxy;

  @BeforeEach
  void start() throws Exception {
    exApp = new ScriptedServer(ScriptedServer.answering(OK));
    proxy = start(new HarpProxyOptions.Timeouts());
  }

  private TestProxy start(HarpProxyOptions.Timeouts timeouts) throws Exception {
    if (proxy != null) {
      proxy.close();
    }
    var limits = TestProxy.retrying(3, Duration.ofMillis(10));
    proxy = TestProxy.start(TestProxy.options().timeouts(timeouts).limits(limits)).with(exApp);
    return proxy;
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    exApp.close();
  }

  private static HarpProxyOptions.Timeouts timeouts() {
    return new HarpProxyOptions.Timeouts();
  }

  // --- upstreams

  @Test
  void aRefusedConnectionIsTriedFourTimesAndThenAnsweredWith503() throws Exception {
    int port;
    try (var nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = nobody.getLocalPort();
    }
    proxy.with("away", "127.0.0.1", port);
    try (var client = proxy.connect()) {
      client.send("GET /exapps/away/x HTTP/1.1\r\nHost: h\r\n\r\n");
      var answer = client.readResponse();

      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.head().get("content-type")).isEqualTo("text/html");
      assertThat(answer.head().get("cache-control")).isEqualTo("no-cache");
      assertThat(answer.text()).contains("No server is available to handle this request.");
      var record = proxy.nextRecord();
      assertThat(record.failure().kind()).isEqualTo(Kind.CONNECT_FAILED);
      assertThat(record.upstream()).isEqualTo("tcp://127.0.0.1:" + port);
      assertThat(record.total()).isGreaterThan(Duration.ofMillis(30));
    }
  }

  @Test
  void anExAppThatComesUpBetweenTwoAttemptsIsReached() throws Exception {
    int port;
    try (var nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = nobody.getLocalPort();
    }
    proxy.close();
    var limits = TestProxy.retrying(60, Duration.ofMillis(500));
    proxy = TestProxy.start(TestProxy.options().limits(limits)).with("app", "127.0.0.1", port);
    try (var client = proxy.connect()) {
      client.send(GET);
      try (var server = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
          var accepted = new RawConnection(server.accept())) {
        accepted.readRequest();
        accepted.send(OK);
        assertThat(client.readResponse().text()).isEqualTo("ok");
      }
    }
  }

  @Test
  @DisplayName("F2: a name that does not resolve is a 503, and the log has the name")
  void aNameThatDoesNotResolveIsAnsweredWith503() throws Exception {
    proxy.close();
    var limits = TestProxy.retrying(1, Duration.ofMillis(10));
    proxy =
        TestProxy.start(TestProxy.options().limits(limits))
            .with("lost", "no-such-host.invalid", 80);
    try (var client = proxy.connect()) {
      client.send("GET /exapps/lost/x HTTP/1.1\r\nHost: h\r\n\r\n");

      assertThat(client.readResponse().status()).isEqualTo(503);
      var failure = proxy.nextRecord().failure();
      assertThat(failure.kind()).isEqualTo(Kind.NO_UPSTREAM);
      assertThat(failure.message()).contains("'no-such-host.invalid' does not resolve");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u001b[31m", "a\0", "\u007f"})
  void aControlCharacterBehindTheStatusIsA502(String reason) throws Exception {
    exApp.play(
        ScriptedServer.answering("HTTP/1.1 404 " + reason + "\r\ncontent-length: 0\r\n\r\n"));
    try (var client = proxy.connect()) {
      client.send(GET);

      assertThat(client.readResponse().status()).isEqualTo(502);
      assertThat(proxy.nextRecord().failure().kind()).isEqualTo(Kind.MALFORMED_RESPONSE);
    }
  }

  /** S1: each takes more memory than its few bytes. */
  @Test
  void anAnswerOfMoreThan256HeadersIsA502() throws Exception {
    exApp.play(
        ScriptedServer.answering(
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n" + "x: a\r\n".repeat(256) + "\r\n"));
    try (var client = proxy.connect()) {
      client.send(GET);

      assertThat(client.readResponse().status()).isEqualTo(502);
      assertThat(proxy.nextRecord().failure().kind()).isEqualTo(Kind.MALFORMED_RESPONSE);
    }
  }

  /** What a gRPC server says to whoever asks it in HTTP/1.1. */
  @Test
  void anExAppThatSpeaksHttp2OnlyIsA502ThatSaysSo() throws Exception {
    exApp.play(
        connection -> {
          connection.readRequest();
          connection.send("\0\0\0\4\0\0\0\0\0");
        });
    try (var client = proxy.connect()) {
      client.send(GET);

      assertThat(client.readResponse().status()).isEqualTo(502);
      assertThat(proxy.nextRecord().failure().message()).contains("speaks HTTP/2 only", "HTTP/1.1");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1 200 O",
        "HTTP/1.1 200 OK\r\nX: y",
        "nonsense\r\n\r\n",
        "HTTP/2.0 200 OK\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 99 Low\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nok",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: x\r\n\r\nok",
        "HTTP/1.1 200 OK\r\ncontent-length: 2, 3\r\n\r\nok",
        "HTTP/1.0 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\ncontent-length: 2\ncontent-length: 3\n\nok",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nX\0: y\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
      })
  void anInvalidOrCutHeadIsAnsweredWith502(String response) throws Exception {
    exApp.play(
        connection -> {
          connection.readRequest();
          connection.send(response);
        });
    try (var client = proxy.connect()) {
      client.send(GET);

      assertThat(client.readResponse().status()).isEqualTo(502);
      assertThat(proxy.nextRecord().failure().kind())
          .isIn(Kind.MALFORMED_RESPONSE, Kind.UPSTREAM_GONE);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "content-length: 100\r\n\r\nhalf",
        "transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\nnonsense\r\n"
      })
  void aTruncatedAnswerNeverLooksComplete(String framing) throws Exception {
    exApp.play(
        connection -> {
          connection.readRequest();
          connection.send("HTTP/1.1 200 OK\r\n" + framing);
        });
    try (var client = proxy.connect()) {
      client.send(GET);

      assertThat(client.readToEnd()).endsWith("<reset>").doesNotContain("\r\n0\r\n\r\n");
    }
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/x HTTP/1.0\r\n\r\n");

      assertThat(client.readToEnd()).endsWith("<reset>");
    }
  }

  @Test
  void aRequestOnAPooledConnectionThatIsDeadIsSentAgain() throws Exception {
    exApp.play(
        connection -> {
          connection.readRequest();
          requests.incrementAndGet();
          connection.send(OK);
          // The second request on this connection is read and not answered.
          connection.readRequest();
          requests.incrementAndGet();
        });
    try (var client = proxy.connect()) {
      client.send(GET);
      assertThat(client.readResponse().text()).isEqualTo("ok");
      client.send(GET);
      assertThat(client.readResponse().text()).isEqualTo("ok");
    }
    assertThat(requests).hasValue(3);
    assertThat(exApp.connections()).isEqualTo(2);
  }

  @Test
  void anOrderThatMayHaveBeenCarriedOutIsNotSentAgain() throws Exception {
    exApp.play(
        connection -> {
          connection.readRequest();
          requests.incrementAndGet();
          connection.send(OK);
          connection.readRequest();
          requests.incrementAndGet();
        });
    try (var client = proxy.connect()) {
      client.send(GET);
      assertThat(client.readResponse().text()).isEqualTo("ok");
      client.send("POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
      assertThat(client.readResponse().status()).isEqualTo(502);
    }
    assertThat(requests).hasValue(2);
  }

  @Test
  void bytesAfterAnAnswerDoNotBecomeTheNextOne() throws Exception {
    exApp.play(
        connection -> {
          while (true) {
            connection.readRequest();
            connection.send(OK + "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged");
          }
        });
    try (var client = proxy.connect()) {
      for (int i = 0; i < 5; i++) {
        client.send(GET);
        assertThat(client.readResponse().text()).isEqualTo("ok");
      }
    }
  }

  // --- clients

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HEAD /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /exapps/app/close HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "0\r\nX-Sum: 1\r\n\r\n",
      })
  @DisplayName("S1: a connection that can't be used again keeps no port")
  void whatIsOfNoMoreUseIsReset(String request) throws Exception {
    var ended = new CompletableFuture<String>();
    exApp.play(
        connection -> {
          var head = connection.readRequest().head();
          var close = head.target().equals("/close") ? "connection: close\r\n" : "";
          var body = head.startLine().startsWith("HEAD") ? "" : "ok";
          connection.send("HTTP/1.1 200 OK\r\n" + close + "content-length: 2\r\n\r\n" + body);
          ended.complete(connection.readToEnd());
        });
    try (var client = proxy.connect()) {
      client.send(request);
      assertThat(client.readHead().status()).isEqualTo(200);

      assertThat(ended.get(30, TimeUnit.SECONDS)).isEqualTo("<reset>");
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.harp.proxy.wire.HoardingClientsTest#transports")
  @DisplayName("S1: a vanished client cancels the request at the ExApp, and keeps no port")
  void aVanishedClientCancelsTheRequestAtTheExApp(TransportChoice transport) throws Exception {
    var ended = new CompletableFuture<String>();
    var arrived = new CountDownLatch(1);
    exApp.play(
        connection -> {
          connection.readRequest();
          arrived.countDown();
          ended.complete(connection.readToEnd());
        });
    proxy.close();
    var timeouts = TestTimeouts.upgraded(new Upgraded(Duration.ofMinutes(30), SHORT));
    proxy =
        TestProxy.start(TestProxy.options().transport(transport).timeouts(timeouts)).with(exApp);
    var client = proxy.connect();
    client.send(GET);
    assertThat(arrived.await(30, TimeUnit.SECONDS)).isTrue();
    client.close();

    // The kernel keeps the ports of connections that we end, but not of those that we reset.
    assertThat(ended.get(30, TimeUnit.SECONDS)).isEqualTo("<reset>");
    assertThat(proxy.nextRecord().failure().kind()).isEqualTo(Kind.CLIENT_GONE);
  }

  @Test
  void aClientThatVanishesWithinItsBodyCancelsTheRequest() throws Exception {
    var received = new CompletableFuture<String>();
    exApp.play(connection -> received.complete(connection.readToEnd()));
    var client = proxy.connect();
    client.send("POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");
    await().until(() -> exApp.connections() == 1);
    client.close();

    assertThat(received.get(30, TimeUnit.SECONDS)).contains("half");
    assertThat(proxy.nextRecord().failure().kind()).isEqualTo(Kind.CLIENT_GONE);
  }

  @Test
  void aClientThatOnlyEndsItsSendingHalfGetsItsAnswer() throws Exception {
    exApp.play(
        connection -> {
          connection.readRequest();
          connection.send(OK);
        });
    try (var client = proxy.connect()) {
      client.send(GET);
      client.socket().shutdownOutput();

      assertThat(client.readToEnd()).endsWith("ok");
    }
  }

  @Test
  void pipelinedRequestsOfAClientThatHasEndedItsSendingHalfAreAllAnswered() throws Exception {
    try (var client = proxy.connect()) {
      client.send(GET.repeat(3) + "GET /exapps/app/cut HTTP/1.1\r\nHo");
      client.socket().shutdownOutput();

      for (int i = 0; i < 3; i++) {
        assertThat(client.readResponse().text()).isEqualTo("ok");
      }
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  // --- time limits

  @Test
  void anUnfinishedHeadIsAnsweredWith408() throws Exception {
    start(TestTimeouts.client(AMPLE));
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n");

      assertThat(client.readResponse().status()).isEqualTo(408);
      assertThat(client.readToEnd()).isEmpty();
      assertThat(proxy.nextRecord().failure().message()).contains("HP_TIMEOUT_CLIENT");
    }
  }

  @Test
  void anIdleConnectionIsClosedSilently() throws Exception {
    start(TestTimeouts.client(AMPLE));
    try (var client = proxy.connect()) {
      assertThat(client.readToEnd()).isEmpty();
    }
    try (var client = proxy.connect()) {
      client.send(GET);
      assertThat(client.readResponse().text()).isEqualTo("ok");
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void anUnfinishedBodyIsAnsweredWith408() throws Exception {
    start(TestTimeouts.client(AMPLE));
    exApp.play(RawConnection::readToEnd);
    try (var client = proxy.connect()) {
      client.send("POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");

      assertThat(client.readResponse().status()).isEqualTo(408);
      assertThat(proxy.nextRecord().failure().kind()).isEqualTo(Kind.CLIENT_TIMEOUT);
    }
  }

  @Test
  void aSilentExAppIsAnsweredWith504() throws Exception {
    start(TestTimeouts.server(SHORT));
    exApp.play(RawConnection::readToEnd);
    try (var client = proxy.connect()) {
      client.send(GET);

      assertThat(client.readResponse().status()).isEqualTo(504);
      var failure = proxy.nextRecord().failure();
      assertThat(failure.kind()).isEqualTo(Kind.RESPONSE_TIMEOUT);
      assertThat(failure.message()).contains("HP_TIMEOUT_SERVER");
    }
  }

  @Test
  void anAnswerThatStallsIsCutSoThatTheClientNotices() throws Exception {
    start(TestTimeouts.server(AMPLE));
    exApp.play(
        connection -> {
          connection.readRequest();
          connection.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
          connection.readToEnd();
        });
    try (var client = proxy.connect()) {
      client.send(GET);

      assertThat(client.readToEnd()).endsWith("<reset>");
    }
  }

  private String heartbeat() {
    return signed("/heartbeat", "127.0.0.1", exApp.port());
  }

  private static String signed(String path, String host, int port) {
    return "GET /exapps/app"
        + path
        + " HTTP/1.1\r\nHost: h\r\nharp-shared-key: "
        + TestProxy.KEY
        + "\r\nex-app-id: app\r\nex-app-version: 1\r\nauthorization-app-api: YTpi\r\nex-app-host: "
        + (host + "\r\nex-app-port: " + port + "\r\n\r\n");
  }

  @Test
  @DisplayName("F10: a heartbeat that nobody answers is over soon, and only a heartbeat")
  void aHeartbeatHasALimitOfItsOwn() throws Exception {
    start(TestTimeouts.heartbeat(SHORT));
    var beaten = new CountDownLatch(1);
    exApp.play(
        connection -> {
          if (connection.readHead().target().equals("/slow")) {
            beaten.await(30, TimeUnit.SECONDS);
            connection.send(OK);
          }
          connection.readToEnd();
        });
    try (var slow = proxy.connect();
        var client = proxy.connect()) {
      slow.send(signed("/slow", "127.0.0.1", exApp.port()));
      await().until(() -> exApp.connections() == 1);
      client.send(heartbeat());
      assertThat(client.readResponse().status()).isEqualTo(504);
      assertThat(proxy.nextRecord().failure().message()).contains("heartbeat");
      beaten.countDown();
      assertThat(slow.readResponse().text()).isEqualTo("ok");
    }
  }

  @Test
  @DisplayName("F10: the limit ends with the first byte of the answer")
  void aHeartbeatThatIsAnsweredSlowlyIsAnswered() throws Exception {
    start(TestTimeouts.heartbeat(SHORT));
    var cut = new CountDownLatch(1);
    exApp.play(
        connection -> {
          if (connection.readHead().target().equals("/heartbeat")) {
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no");
            cut.await(30, TimeUnit.SECONDS);
            connection.send("k");
          }
          connection.readToEnd();
        });
    try (var client = proxy.connect();
        var other = proxy.connect()) {
      client.send(heartbeat());
      assertThat(client.readHead().status()).isEqualTo(200);
      // As long as the limit is: another ExApp's heartbeat runs into it meanwhile.
      exApp.play(RawConnection::readToEnd);
      other.send(heartbeat());
      assertThat(other.readResponse().status()).isEqualTo(504);
      cut.countDown();
      assertThat(new String(client.in().readNBytes(2))).isEqualTo("ok");
    }
  }

  @Test
  @DisplayName("F10: the log says once that an ExApp gave not one byte")
  void anExAppThatGivesNotOneByteIsNamed() throws Exception {
    var log = (ch.qos.logback.classic.Logger) LoggerFactory.getLogger(UpstreamRemarks.class);
    var remarks = new ListAppender<ILoggingEvent>();
    remarks.start();
    log.addAppender(remarks);
    try {
      start(TestTimeouts.heartbeat(SHORT));
      exApp.play(RawConnection::readToEnd);
      try (var client = proxy.connect()) {
        for (int i = 0; i < 3; i++) {
          client.send(heartbeat());
          assertThat(client.readResponse().status()).isEqualTo(504);
        }
      }
      assertThat(remarks.list).hasSize(1);
      assertThat(remarks.list.get(0).getFormattedMessage())
          .contains("ExApp app at tcp://127.0.0.1:", "not one byte", "GET /exapps/app/heartbeat");
    } finally {
      log.detachAppender(remarks);
    }
  }

  @Test
  void theClientsLimitDoesNotApplyToASlowAnswer() throws Exception {
    start(TestTimeouts.client(AMPLE));
    exApp.play(
        connection -> {
          connection.readRequest();
          TimeUnit.MILLISECONDS.sleep(AMPLE.toMillis() * 2);
          connection.send(OK);
          connection.readToEnd();
        });
    try (var client = proxy.connect()) {
      client.send(GET);

      assertThat(client.readResponse().text()).isEqualTo("ok");
    }
  }
}
