// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.proxy.RequestRecord.Failure.Kind;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ExApps that are away, die within an answer, or say what is no answer. */
class FailingExAppsTest extends BeforeOneExApp {

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
}
