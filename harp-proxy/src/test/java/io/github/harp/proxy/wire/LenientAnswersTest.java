// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.forward.UpstreamRemarks;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Answers that break a rule, as real applications give them, and what they leave behind. */
class LenientAnswersTest {

  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

  private final Vertx oneLoop = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final ListAppender<ILoggingEvent> remarks = new ListAppender<>();
  private ScriptedServer exApp;
  private TestProxy proxy;

  @BeforeEach
  void start() throws Exception {
    exApp = new ScriptedServer(ScriptedServer.answering(OK));
    proxy = TestProxy.start(TestProxy.options(), builder -> builder.vertx(oneLoop)).with(exApp);
    remarks.start();
    remarkLog().addAppender(remarks);
  }

  @AfterEach
  void stop() throws Exception {
    remarkLog().detachAppender(remarks);
    proxy.close();
    oneLoop.close().await();
    assertThat(exApp.problems()).isEmpty();
    exApp.close();
  }

  private static Logger remarkLog() {
    return (Logger) LoggerFactory.getLogger(UpstreamRemarks.class);
  }

  private static void ask(RawConnection client, String method) throws Exception {
    client.send(method + " /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n");
  }

  @ParameterizedTest
  @DisplayName("F5: what HAProxy delivers is delivered, and its connection is not used again")
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "content-length: 5~transfer-encoding: chunked~~3~abc~0~~, Transfer-Encoding wins",
        "transfer-encoding: chunked~Content-Length: 5~~3~abc~0~~, Transfer-Encoding wins",
        "content-length: 3~content-length: 3~~abc, 2 equal Content-Lengths",
        "\"content-length: 3, 3~~abc\", 2 equal Content-Lengths",
        "x: y|content-length: 3|~abc, LF ends it",
        "x: y~content-length: 3~|abc, LF ends it",
        "transfer-encoding: chunked||3~abc~0~~, LF ends it"
      })
  void aLenientAnswerArrives(String answer, String rule) throws Exception {
    var bytes = "HTTP/1.1 200 OK~" + answer;
    exApp.play(ScriptedServer.answering(bytes.replace("~", "\r\n").replace('|', '\n')));
    try (var client = proxy.connect()) {
      for (int i = 1; i <= 3; i++) {
        ask(client, "GET");
        var message = client.readResponse();
        assertThat(message.status()).isEqualTo(200);
        assertThat(message.text()).isEqualTo("abc");
        assertThat(message.head().all("content-length").size())
            .isEqualTo(answer.contains("chunked") ? 0 : 1);
        assertThat(exApp.connections()).isEqualTo(i);
      }
    }
    assertThat(remarks.list).hasSize(1);
    assertThat(remarks.list.get(0).getFormattedMessage())
        .contains("ExApp app at tcp://127.0.0.1:" + exApp.port(), "GET /exapps/app/x", rule);
  }

  /** However the head is split, and byte by byte. */
  @Test
  void aHeadWithBareLineFeedsMayComeInParts() throws Exception {
    var answer = "HTTP/1.1 200 OK\nx-one: 1\r\nx-two: 2\ncontent-length: 3\n\nabc";
    exApp.play(
        connection -> {
          connection.readRequest();
          for (char c : answer.toCharArray()) {
            connection.send(String.valueOf(c));
          }
          connection.readToEnd();
        });
    try (var client = proxy.connect()) {
      ask(client, "GET");
      var message = client.readResponse();
      assertThat(message.text()).isEqualTo("abc");
      assertThat(message.head().get("x-one")).isEqualTo("1");
      assertThat(message.head().get("x-two")).isEqualTo("2");
    }
  }

  @ParameterizedTest
  @DisplayName("F5: within chunks and requests a line ends with CR and LF")
  @ValueSource(strings = {"3\nabc\r\n0\r\n\r\n", "3\r\nabc\n0\r\n\r\n"})
  void chunksAreReadStrictly(String chunks) throws Exception {
    exApp.play(
        ScriptedServer.answering("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunks));
    try (var client = proxy.connect()) {
      ask(client, "GET");
      assertThat(client.readToEnd()).endsWith("<reset>");
    }
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/x HTTP/1.1\nHost: h\n\n");
      assertThat(client.readResponse().status()).isEqualTo(400);
    }
  }

  @ParameterizedTest
  @DisplayName("F6: bytes behind an answer without a body are nobody's answer")
  @CsvSource({
    "GET, 204 No Content, content-length: 4",
    "GET, 204 No Content, transfer-encoding: chunked",
    "GET, 304 Not Modified, content-length: 4",
    "HEAD, 200 OK, content-length: 4",
    "HEAD, 200 OK, transfer-encoding: chunked"
  })
  void aConnectionIsNotUsedAfterAnAnnouncedBodyThatMustNotBe(
      String method, String status, String announcement) throws Exception {
    // The bytes come when they can do most harm: with the next request.
    exApp.play(
        connection -> {
          connection.readRequest();
          connection.send("HTTP/1.1 " + status + "\r\n" + announcement + "\r\n\r\n");
          connection.readRequest();
          connection.send("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged");
        });
    try (var client = proxy.connect()) {
      ask(client, method);
      assertThat(client.readHeadResponse().status())
          .isEqualTo(Integer.parseInt(status.substring(0, 3)));
      exApp.play(ScriptedServer.answering(OK));
      ask(client, "GET");
      assertThat(client.readResponse().text()).isEqualTo("ok");
      assertThat(exApp.connections()).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("F6: an answer without a body that announces none leaves its connection in use")
  void aConnectionIsUsedAgainAfterAnAnswerWithoutABody() throws Exception {
    exApp.play(
        connection -> {
          while (true) {
            connection.readRequest();
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
          }
        });
    try (var client = proxy.connect()) {
      for (int i = 0; i < 3; i++) {
        ask(client, "HEAD");
        assertThat(client.readHeadResponse().status()).isEqualTo(200);
      }
    }
    assertThat(exApp.connections()).isEqualTo(1);
  }

  @ParameterizedTest
  @DisplayName("F6: bytes that come while a connection waits end it")
  @ValueSource(
      strings = {"{\"a\":1}", "{\"a\":1}\n", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"})
  void bytesThatNobodyAskedForEndAConnection(String bytes) throws Exception {
    var ended = new java.util.concurrent.CountDownLatch(1);
    var answered = new java.util.concurrent.CountDownLatch(1);
    exApp.play(
        connection -> {
          connection.readRequest();
          connection.send("HTTP/1.1 204 No Content\r\n\r\n");
          answered.await();
          connection.send(bytes);
          connection.readToEnd();
          ended.countDown();
        });
    try (var client = proxy.connect()) {
      ask(client, "GET");
      assertThat(client.readHeadResponse().status()).isEqualTo(204);
      exApp.play(ScriptedServer.answering(OK));
      answered.countDown();
      assertThat(ended.await(30, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
      ask(client, "POST");
      assertThat(client.readResponse().text()).isEqualTo("ok");
    }
  }

  @ParameterizedTest
  @DisplayName("F6: nonsense on a used connection: an idempotent request is sent again")
  @ValueSource(strings = {"GET", "PUT", "DELETE"})
  void anIdempotentRequestIsSentAgainAfterNonsense(String method) throws Exception {
    var seen = new AtomicInteger();
    exApp.play(
        connection -> {
          connection.readRequest();
          seen.incrementAndGet();
          connection.send("HTTP/1.1 204 No Content\r\n\r\n");
          // What is left of the answer before comes only now.
          connection.readRequest();
          seen.incrementAndGet();
          connection.send("{\"a\":\"b\"}" + OK);
          connection.readToEnd();
        });
    try (var client = proxy.connect()) {
      ask(client, "GET");
      assertThat(client.readHeadResponse().status()).isEqualTo(204);
      exApp.play(
          connection -> {
            connection.readRequest();
            seen.incrementAndGet();
            connection.send(OK);
            connection.readToEnd();
          });
      ask(client, method);
      assertThat(client.readResponse().status()).isEqualTo(200);
    }
    assertThat(seen).hasValue(3);
  }

  /** aiohttp takes the announcement out of a 204, and sends the body. */
  @Test
  @DisplayName("F6: what must not be sent twice does not follow an answer without a body")
  void aPostDoesNotFollowAnAnswerWithoutABody() throws Exception {
    exApp.play(
        connection -> {
          connection.readRequest();
          connection.send("HTTP/1.1 204 No Content\r\n\r\n");
          connection.readRequest();
          connection.send("{\"a\":\"b\"}" + OK);
          connection.readToEnd();
        });
    try (var client = proxy.connect()) {
      ask(client, "GET");
      assertThat(client.readHeadResponse().status()).isEqualTo(204);
      exApp.play(ScriptedServer.answering(OK));
      for (int i = 0; i < 3; i++) {
        ask(client, "POST");
        assertThat(client.readResponse().text()).isEqualTo("ok");
      }
    }
    assertThat(exApp.connections()).isEqualTo(2);
  }

  @Test
  @DisplayName("F6: nonsense in answer to what must not be sent twice is a 502")
  void aPostIsNotSentAgainAfterNonsense() throws Exception {
    var seen = new AtomicInteger();
    exApp.play(
        connection -> {
          connection.readRequest();
          seen.incrementAndGet();
          connection.send(OK);
          connection.readRequest();
          seen.incrementAndGet();
          connection.send("{\"a\":\"b\"}" + OK);
          connection.readToEnd();
        });
    try (var client = proxy.connect()) {
      ask(client, "GET");
      assertThat(client.readResponse().text()).isEqualTo("ok");
      ask(client, "POST");
      assertThat(client.readResponse().status()).isEqualTo(502);
    }
    assertThat(seen).hasValue(2);
  }

  @Test
  void nonsenseOnAFreshConnectionIsAnsweredWith502() throws Exception {
    exApp.play(ScriptedServer.answering("nonsense\r\n\r\n"));
    try (var client = proxy.connect()) {
      ask(client, "GET");
      assertThat(client.readResponse().status()).isEqualTo(502);
      assertThat(proxy.nextRecord().failure().kind()).isEqualTo(Kind.MALFORMED_RESPONSE);
    }
    assertThat(exApp.connections()).isEqualTo(1);
  }
}
