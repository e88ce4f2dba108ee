// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.proxy.HarpProxyOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.InputStream;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies of all sizes and framings, both ways, as they come. */
class BodiesTest {

  private static final int MIB = 1024 * 1024;
  private static final int HUNDRED_MIB = 100 * MIB;

  private ScriptedServer exApp;
  private TestProxy proxy;

  @BeforeEach
  void start() throws Exception {
    exApp = new ScriptedServer(connection -> {});
    proxy = TestProxy.start().with(exApp);
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    assertThat(exApp.problems()).isEmpty();
    exApp.close();
  }

  private static byte[] block(int seed) {
    var block = new byte[MIB];
    new java.util.Random(seed).nextBytes(block);
    return block;
  }

  private static long checksum(InputStream in, int length) throws Exception {
    var crc = new CRC32();
    var buffer = new byte[64 * 1024];
    for (int left = length; left > 0; ) {
      int read = in.read(buffer, 0, Math.min(left, buffer.length));
      if (read < 0) {
        throw new java.io.EOFException(left + " bytes are missing");
      }
      crc.update(buffer, 0, read);
      left -= read;
    }
    return crc.getValue();
  }

  @Test
  void a100MiBUploadArrivesWhole() throws Exception {
    exApp.play(
        connection -> {
          var head = connection.readHead();
          int length = Integer.parseInt(head.get("content-length"));
          var sum = Long.toString(checksum(connection.in(), length));
          connection.send("HTTP/1.1 200 OK\r\ncontent-length: " + sum.length() + "\r\n\r\n" + sum);
        });
    try (var client = proxy.connect()) {
      client.send("PUT /exapps/app/up HTTP/1.1\r\nHost: h\r\nContent-Length: " + HUNDRED_MIB);
      client.send("\r\n\r\n");
      var crc = new CRC32();
      for (int i = 0; i < 100; i++) {
        var block = block(i);
        crc.update(block);
        client.send(block);
      }
      assertThat(client.readResponse().text()).isEqualTo(Long.toString(crc.getValue()));
      assertThat(proxy.nextRecord().bytesIn()).isEqualTo(HUNDRED_MIB);
    }
  }

  @Test
  void a100MiBDownloadArrivesWhole() throws Exception {
    var crc = new CRC32();
    exApp.play(
        connection -> {
          connection.readRequest();
          connection.send("HTTP/1.1 200 OK\r\ncontent-length: " + HUNDRED_MIB + "\r\n\r\n");
          for (int i = 0; i < 100; i++) {
            var block = block(i);
            crc.update(block);
            connection.send(block);
          }
          connection.readToEnd();
        });
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/down HTTP/1.1\r\nHost: h\r\n\r\n");
      int length = Integer.parseInt(client.readHead().get("content-length"));

      assertThat(checksum(client.in(), length)).isEqualTo(crc.getValue());
      assertThat(proxy.nextRecord().bytesOut()).isEqualTo(HUNDRED_MIB);
    }
  }

  @Test
  void chunksAndTrailersPassBothWays() throws Exception {
    var received =
        exApp.capture(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                + "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\nKeep-Alive: 5\r\n\r\n");
    try (var client = proxy.connect()) {
      client.send(
          "POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "4;ext=1\r\nwxyz\r\n0\r\nX-Up: 1\r\n\r\n");
      var answer = client.readResponse();

      assertThat(answer.text()).isEqualTo("abcde");
      assertThat(answer.trailers()).containsExactly("X-Sum: 5");
      assertThat(received.get().text()).isEqualTo("wxyz");
      assertThat(received.get().trailers()).containsExactly("X-Up: 1");
    }
  }

  @ParameterizedTest
  @DisplayName("S6: trailers say nothing that the head has to say")
  @ValueSource(
      strings = {
        "harp-shared-key",
        "EX-APP-ID",
        "ex_app_version",
        "Ex.App.Host",
        "ex-app_port",
        "Authorization-App-Api",
        "AUTHORIZATION_APP.API",
        "aa-version",
        "docker_engine_port",
        "X-Origin-IP",
        "Authorization",
        "Cookie",
        "Host",
        "Connection",
        "Keep_Alive",
        "Upgrade",
        "TE",
        "content_length",
        "Transfer_Encoding",
        "X-Forwarded-For",
        "x_real_ip"
      })
  void trailersOfTheHeadAreLeftOut(String name) throws Exception {
    var received = exApp.capture("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    try (var client = proxy.connect()) {
      client.send(
          "POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
              + ("1\r\na\r\n0\r\nX-Before: 1\r\n" + name + ": z\r\nX-After: 2\r\n\r\n"));

      assertThat(client.readResponse().text()).isEqualTo("ok");
      assertThat(received.get().trailers()).containsExactly("X-Before: 1", "X-After: 2");
    }
  }

  @Test
  @DisplayName("S6: no request follows trailers, whose server may take them for its headers")
  void trailersAreTheLastThatAConnectionCarries() throws Exception {
    exApp.play(ScriptedServer.answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
    var chunked = "POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    try (var client = proxy.connect()) {
      for (var trailers : List.of("", "Connection: z\r\n", "X-Up: 1\r\n", "")) {
        client.send(chunked + "1\r\na\r\n0\r\n" + trailers + "\r\n");
        assertThat(client.readResponse().text()).isEqualTo("ok");
      }
      assertThat(exApp.connections()).isEqualTo(2);
    }
  }

  @Test
  void expectAndContinuePassEndToEnd() throws Exception {
    exApp.play(
        connection -> {
          var head = connection.readHead();
          assertThat(head.get("expect")).isEqualTo("100-continue");
          connection.send("HTTP/1.1 100 Continue\r\n\r\n");
          var body = new String(connection.in().readNBytes(5));
          connection.send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n" + body);
          connection.readToEnd();
        });
    try (var client = proxy.connect()) {
      client.send(
          "POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
              + "Content-Length: 5\r\n\r\n");
      assertThat(client.readHead().status()).isEqualTo(100);
      client.send("hello");
      assertThat(client.readResponse().text()).isEqualTo("hello");
    }
  }

  /** On a pooled connection, and decided after the read that brought the head. */
  @Test
  void aHeadDoesNotWaitForItsBody() throws Exception {
    var vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    exApp.play(
        connection -> {
          while (true) {
            if (connection.readHead().get("expect") != null) {
              connection.send("HTTP/1.1 100 Continue\r\n\r\n");
              connection.in().readNBytes(5);
            }
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
          }
        });
    try (var single =
        TestProxy.start(TestProxy.options(), builder -> builder.vertx(vertx))
            .with(exApp)
            .with("later", "127.0.0.1", exApp.port())
            .answeringLater()) {
      try (var client = single.connect()) {
        client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(client.readResponse().text()).isEqualTo("ok");
        client.send(
            "POST /exapps/later/x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                + "Content-Length: 5\r\n\r\n");
        assertThat(client.readHead().status()).isEqualTo(100);
        client.send("hello");
        assertThat(client.readResponse().text()).isEqualTo("ok");
      }
    } finally {
      vertx.close().await();
    }
  }

  @Test
  void aRefusalInsteadOfContinueEndsTheConnection() throws Exception {
    exApp.play(
        connection -> {
          connection.readHead();
          connection.send("HTTP/1.1 417 No\r\ncontent-length: 2\r\n\r\nno");
          connection.readToEnd();
        });
    try (var client = proxy.connect()) {
      client.send(
          "POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
              + "Content-Length: 5\r\n\r\n");
      var answer = client.readResponse();

      assertThat(answer.status()).isEqualTo(417);
      assertThat(answer.head().get("connection")).isEqualTo("close");
    }
  }

  /** An answer behind as many 1xx as HTTP has clients that choke on them. */
  private static ScriptedServer.Script hints(int count) {
    return connection -> {
      connection.readRequest();
      for (int i = 0; i < count; i++) {
        connection.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n");
      }
      connection.send("HTTP/1.1 100 Continue\r\n\r\n");
      connection.send("HTTP/1.1 102 Processing\r\n\r\n");
      connection.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      connection.readToEnd();
    };
  }

  @Test
  @DisplayName("F25: HTTP/1.1 peers get no 1xx that they did not ask for")
  void earlyHintsStayHere() throws Exception {
    exApp.play(hints(1));
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n");

      assertThat(client.readHead().startLine()).isEqualTo("HTTP/1.1 200 OK");
    }
  }

  @Test
  @DisplayName("F25: with HP_EARLY_HINTS they do")
  void earlyHintsPassWhereTheyAreWanted() throws Exception {
    var protocols = new HarpProxyOptions.Protocols(Set.of("websocket"), true);
    exApp.play(hints(1));
    try (var hinting = TestProxy.start(TestProxy.options().protocols(protocols)).with(exApp);
        var client = hinting.connect()) {
      client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n");
      var hints = client.readHead();

      assertThat(hints.status()).isEqualTo(103);
      assertThat(hints.get("link")).isEqualTo("</a.css>; rel=preload");
      assertThat(client.readHead().status()).isEqualTo(100);
      assertThat(client.readHead().status()).isEqualTo(102);
      assertThat(client.readResponse().text()).isEqualTo("ok");
    }
  }

  @ParameterizedTest
  @DisplayName("S17: 64 interim answers are enough")
  @CsvSource({"62, 200", "63, 502"})
  void thereIsALimitOfInterimAnswers(int hints, int status) throws Exception {
    exApp.play(hints(hints));
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n");

      assertThat(client.readResponse().status()).isEqualTo(status);
    }
  }

  @Test
  void eventsArriveOneByOneAsTheyAreSent() throws Exception {
    var next = new java.util.concurrent.Semaphore(0);
    exApp.play(
        connection -> {
          connection.readRequest();
          connection.send(
              "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                  + "Transfer-Encoding: chunked\r\n\r\n");
          for (int i = 0; i < 5; i++) {
            next.acquire();
            connection.send("9\r\ndata: " + i + "\n\n\r\n");
          }
          connection.readToEnd();
        });
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/events HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(client.readHead().status()).isEqualTo(200);
      for (int i = 0; i < 5; i++) {
        next.release();
        assertThat(client.readChunk()).isEqualTo("data: " + i + "\n\n");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"204 No Content", "304 Not Modified"})
  void answersWithoutABodyKeepTheConnection(String status) throws Exception {
    exApp.play(ScriptedServer.answering("HTTP/1.1 " + status + "\r\nETag: x\r\n\r\n"));
    try (var client = proxy.connect()) {
      for (int i = 0; i < 3; i++) {
        client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(client.readResponse().head().get("etag")).isEqualTo("x");
      }
      assertThat(exApp.connections()).isEqualTo(1);
    }
  }

  @Test
  void anAnswerToHeadHasTheHeadersOfABodyButNone() throws Exception {
    exApp.play(ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"));
    try (var client = proxy.connect()) {
      for (int i = 0; i < 3; i++) {
        client.send("HEAD /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(client.readHeadResponse().head().linesButItsId())
            .containsExactly("Content-Length: 1234");
      }
      assertThat(exApp.connections()).as("F6: the body may follow all the same").isEqualTo(3);
    }
  }

  @Test
  void getMayHaveABody() throws Exception {
    var received = exApp.capture("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    try (var client = proxy.connect()) {
      client.send(
          "GET /exapps/app/x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nquery"
              + "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n");

      assertThat(client.readResponse().status()).isEqualTo(200);
      assertThat(received.get().text()).isEqualTo("query");
      assertThat(client.readResponse().status()).isEqualTo(404);
    }
  }

  @Test
  void anAnswerThatEndsWithTheConnectionIsChunkedForHttp11() throws Exception {
    exApp.play(
        connection -> {
          connection.readRequest();
          connection.send("HTTP/1.1 200 OK\r\n\r\nuntil the end");
        });
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n");
      var answer = client.readResponse();

      assertThat(answer.text()).isEqualTo("until the end");
      assertThat(answer.head().get("transfer-encoding")).isEqualTo("chunked");
    }
  }

  @Test
  void anHttp10ClientGetsAChunkedAnswerUnchunkedAndTheConnectionClosed() throws Exception {
    var received =
        exApp.capture("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      var head = client.readHead();

      assertThat(head.all("transfer-encoding")).isEmpty();
      assertThat(head.get("connection")).isEqualTo("close");
      assertThat(client.readToEnd()).isEqualTo("abc");
      assertThat(received.get().head().startLine()).isEqualTo("GET /x HTTP/1.1");
      assertThat(received.get().head().all("host")).hasSize(1);
    }
  }

  @Test
  void anHttp10ClientMayKeepTheConnection() throws Exception {
    exApp.play(ScriptedServer.answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
    try (var client = proxy.connect()) {
      for (int i = 0; i < 3; i++) {
        client.send("GET /exapps/app/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        var answer = client.readResponse();
        assertThat(answer.text()).isEqualTo("ok");
        assertThat(answer.head().get("connection")).isEqualTo("keep-alive");
      }
    }
  }

  @Test
  void theRestOfABodyThatWasAnsweredEarlyIsThrownAwayAndTheConnectionStays() throws Exception {
    var answered = new CountDownLatch(1);
    exApp.play(
        connection -> {
          connection.readHead();
          connection.send("HTTP/1.1 413 Too Much\r\ncontent-length: 2\r\n\r\nno");
          answered.await(30, TimeUnit.SECONDS);
        });
    try (var client = proxy.connect()) {
      client.send(
          "POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nContent-Length: " + 10 * MIB + "\r\n\r\n");
      assertThat(client.readResponse().status()).isEqualTo(413);
      answered.countDown();
      for (int i = 0; i < 10; i++) {
        client.send(block(i));
      }
      client.send("GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(client.readResponse().status()).isEqualTo(404);
    }
  }

  @Test
  void theAnswerOfAnExAppThatClosesWithoutReadingTheBodyArrives() throws Exception {
    exApp.play(
        connection -> {
          connection.readHead();
          connection.send("HTTP/1.1 413 Too Much\r\ncontent-length: 2\r\n\r\nno");
          // With unread bytes in its socket: a reset follows, and our next write fails.
          connection.close();
        });
    for (int round = 0; round < 50; round++) {
      try (var client = proxy.connect()) {
        client.send(
            "POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nContent-Length: " + 4 * MIB + "\r\n\r\n");
        for (int i = 0; i < 4; i++) {
          client.send(block(i));
        }
        assertThat(client.readResponse().status()).as("round %d", round).isEqualTo(413);
      }
    }
  }

  @Test
  void anExAppThatAnswersEarlyStillGetsTheWholeBody() throws Exception {
    var received = new CompletableFuture<Integer>();
    exApp.play(
        connection -> {
          var head = connection.readHead();
          connection.send("HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\nok");
          int length = Integer.parseInt(head.get("content-length"));
          received.complete(connection.in().readNBytes(length).length);
          connection.readRequest();
          connection.send("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnext");
          connection.readToEnd();
        });
    try (var client = proxy.connect()) {
      client.send(
          "PUT /exapps/app/x HTTP/1.1\r\nHost: h\r\nContent-Length: " + 10 * MIB + "\r\n\r\n");
      assertThat(client.readResponse().status()).isEqualTo(202);
      for (int i = 0; i < 10; i++) {
        client.send(block(i));
      }
      assertThat(received.get(30, TimeUnit.SECONDS)).isEqualTo(10 * MIB);
      client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(client.readResponse().text()).isEqualTo("next");
      assertThat(exApp.connections()).isEqualTo(1);
    }
  }

  @Test
  void aRefusedUploadIsAnsweredAlthoughItsBodyIsStillComing() throws Exception {
    try (var client = proxy.connect()) {
      client.send(
          "POST /exapps/none/x HTTP/1.1\r\nHost: h\r\nContent-Length: " + 20 * MIB + "\r\n\r\n");
      for (int i = 0; i < 20; i++) {
        client.send(block(i));
      }
      assertThat(client.readResponse().status()).isEqualTo(404);
    }
  }
}
