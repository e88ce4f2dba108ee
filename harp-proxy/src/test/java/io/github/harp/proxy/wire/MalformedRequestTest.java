// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.proxy.RequestRecord.Failure.Kind;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not HTTP/1 to the letter is refused and never reaches an ExApp in another shape. */
class MalformedRequestTest {

  private static final String LINE = "POST /exapps/app/x HTTP/1.1\r\n";
  private static final String HOST = "Host: h\r\n";

  private static final List<RawConnection.Message> RECEIVED = new CopyOnWriteArrayList<>();
  private static ScriptedServer exApp;
  private static TestProxy proxy;

  @BeforeAll
  static void start() throws Exception {
    exApp =
        new ScriptedServer(
            connection -> {
              while (true) {
                RECEIVED.add(connection.readRequest());
                connection.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
              }
            });
    proxy = TestProxy.start().with(exApp);
  }

  @AfterAll
  static void stop() throws Exception {
    proxy.close();
    exApp.close();
  }

  @BeforeEach
  void forget() {
    RECEIVED.clear();
    proxy.forgetRecords();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // line ends
        "GET /exapps/app/x HTTP/1.1\nHost: h\n\n",
        "GET /exapps/app/x HTTP/1.1\r\nHost: h\n\r\n",
        "GET /exapps/app/x HTTP/1.1\r\nHost: h\rX: y\r\n\r\n",
        "GET /exapps/app/x HTTP/1.1\r\r\nHost: h\r\n\r\n",
        "\n\nGET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n",
        "\r\n\r\nGET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n",
        // request line
        "GET  /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET\t/exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /exapps/app/x\tHTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /exapps/app/x  HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /exapps/app/x HTTP/1.1 \r\nHost: h\r\n\r\n",
        " GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /exapps/app/x y HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /exapps/app/\0x HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /exapps/app/\u007f HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /exapps/app/x#y HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n",
        "G(T /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n",
        "CONNECT /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /exapps/app/x\r\n\r\n",
        "GET /exapps/app/x HTTP/0.9\r\nHost: h\r\n\r\n",
        "GET /exapps/app/x HTTP/1.2\r\nHost: h\r\n\r\n",
        "GET /exapps/app/x HTTP/2.0\r\nHost: h\r\n\r\n",
        "GET /exapps/app/x HTTP/3.0\r\nHost: h\r\n\r\n",
        "GET /exapps/app/x http/1.1\r\nHost: h\r\n\r\n",
        "GET /exapps/app/x HTTP/1.10\r\nHost: h\r\n\r\n",
        "GET http://user@h/exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET ftp://h/exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n",
        // headers
        LINE + HOST + "X: a\r\n b\r\n\r\n",
        LINE + HOST + "X: a\r\n\tb\r\n\r\n",
        LINE + " X: a\r\n" + HOST + "\r\n",
        LINE + HOST + "X : a\r\n\r\n",
        LINE + HOST + "X\t: a\r\n\r\n",
        LINE + HOST + "X\0: a\r\n\r\n",
        LINE + HOST + "X: a\0b\r\n\r\n",
        LINE + HOST + "X: a\u0001b\r\n\r\n",
        LINE + HOST + "X: a\u007fb\r\n\r\n",
        LINE + HOST + ": a\r\n\r\n",
        LINE + HOST + "X\r\n\r\n",
        LINE + HOST + "\u00e9: a\r\n\r\n",
        LINE + HOST + "X(y): a\r\n\r\n",
        // host
        LINE + "\r\n",
        LINE + HOST + HOST + "\r\n",
        LINE + HOST + "Host: other\r\n\r\n",
        LINE + "Host: a b\r\n\r\n",
        LINE + "Host: a/b\r\n\r\n",
        LINE + "Host: a@b\r\n\r\n",
        LINE + "Host: a, b\r\n\r\n",
        // framing
        LINE + HOST + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        LINE + HOST + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        LINE + HOST + "Content-Length: 3, 3\r\n\r\nabc",
        LINE + HOST + "Content-Length: +3\r\n\r\nabc",
        LINE + HOST + "Content-Length: -3\r\n\r\nabc",
        LINE + HOST + "Content-Length: 0x3\r\n\r\nabc",
        LINE + HOST + "Content-Length: 3 3\r\n\r\nabc",
        LINE + HOST + "Content-Length:\r\n\r\nabc",
        LINE + HOST + "Content-Length: 99999999999999999999\r\n\r\nabc",
        LINE + HOST + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        LINE + HOST + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        LINE + HOST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        LINE + HOST + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        LINE + HOST + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        LINE + HOST + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        LINE + HOST + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        LINE + HOST + "Transfer-Encoding: identity\r\n\r\n",
        LINE + HOST + "Transfer-Encoding:\r\n\r\n",
        LINE + HOST + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
        LINE + HOST + "Transfer-Encoding: chunked;x\r\n\r\n0\r\n\r\n",
        LINE + HOST + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        LINE + HOST + "Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n",
        "POST /exapps/app/x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        LINE + HOST + "Sec-WebSocket-Key1: 1\r\nSec-WebSocket-Key2: 2\r\n\r\n12345678"
      })
  void isRefusedWith400AndTheConnectionEnds(String request) throws Exception {
    try (var client = proxy.connect()) {
      client.send(request + "GET /exapps/app/smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
      var answer = client.readResponse();

      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.head().get("connection")).isEqualTo("close");
      assertThat(client.readToEnd()).isEmpty();
      assertThat(RECEIVED).isEmpty();
      assertThat(proxy.nextRecord().failure().kind()).isEqualTo(Kind.MALFORMED_REQUEST);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5\nabcde\r\n0\r\n\r\n",
        "5\r\nabcde\n0\r\n\r\n",
        "5\r\nabcdeXX0\r\n\r\n",
        "5\r\nabcdef\r\n0\r\n\r\n",
        "0x5\r\nabcde\r\n0\r\n\r\n",
        "+5\r\nabcde\r\n0\r\n\r\n",
        "-5\r\nabcde\r\n0\r\n\r\n",
        " 5\r\nabcde\r\n0\r\n\r\n",
        "\r\nabcde\r\n0\r\n\r\n",
        "100000005\r\nabcde\r\n0\r\n\r\n",
        "ffffffffffffffff5\r\nabcde\r\n0\r\n\r\n",
        "5;a=\nb\r\nabcde\r\n0\r\n\r\n",
        "5;a=\"\r\n\"\r\nabcde\r\n0\r\n\r\n",
        "0\r\nX: a\n\r\n",
        "0\r\nX : a\r\n\r\n"
      })
  void aBodyThatIsNotChunkedToTheLetterIsNeverWholeForTheExApp(String body) throws Exception {
    try (var client = proxy.connect()) {
      client.send(LINE + HOST + "Transfer-Encoding: chunked\r\n\r\n" + body);
      var answer = client.readResponse();

      assertThat(answer.status()).isEqualTo(400);
      assertThat(client.readToEnd()).isEmpty();
      assertThat(RECEIVED).isEmpty();
    }
  }

  @Test
  void aHeadOf100KiBIsRefusedWith431() throws Exception {
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\nX: " + "a".repeat(100 * 1024));

      assertThat(client.readResponse().status()).isEqualTo(431);
      assertThat(RECEIVED).isEmpty();
    }
  }

  @Test
  void manySmallHeadersOf100KiBAreRefusedWith431() throws Exception {
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n" + "X: a\r\n".repeat(17_000));

      assertThat(client.readResponse().status()).isEqualTo(431);
    }
  }

  /** S1: each takes more memory than its few bytes. */
  @Test
  void moreThan128HeadersAreRefusedWith431() throws Exception {
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n" + "X: a\r\n".repeat(127) + "\r\n");
      assertThat(client.readResponse().status()).isEqualTo(200);
      RECEIVED.clear();

      client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n" + "X: a\r\n".repeat(128) + "\r\n");
      assertThat(client.readResponse().status()).isEqualTo(431);
      assertThat(RECEIVED).isEmpty();
    }
  }

  @Test
  void aTargetThatDoesNotFitIsRefusedWith414() throws Exception {
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/" + "a".repeat(100 * 1024));

      assertThat(client.readResponse().status()).isEqualTo(414);
    }
  }

  @Test
  void w20_headersOf30KiBPass() throws Exception {
    try (var client = proxy.connect()) {
      client.send(
          "GET /exapps/app/x HTTP/1.1\r\nHost: h\r\nX: " + "a".repeat(30 * 1024) + "\r\n\r\n");

      assertThat(client.readResponse().status()).isEqualTo(200);
      assertThat(RECEIVED.get(0).head().get("x")).hasSize(30 * 1024);
    }
  }

  @Test
  void w20_nonAsciiBytesInAHeaderPassUnchanged() throws Exception {
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\nX: caf\u00e9 \u00c3\u00a9\r\n\r\n");

      assertThat(client.readResponse().status()).isEqualTo(200);
      assertThat(RECEIVED.get(0).head().get("x")).isEqualTo("caf\u00e9 \u00c3\u00a9");
    }
  }

  @Test
  void nonAsciiBytesInTheTargetArePercentEncodedInLowerCase() throws Exception {
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/\u00c3\u00a9?\u00ff HTTP/1.1\r\nHost: h\r\n\r\n");

      assertThat(client.readResponse().status()).isEqualTo(200);
      assertThat(RECEIVED.get(0).head().target()).isEqualTo("/%c3%a9?%ff");
    }
  }

  @Test
  void theHostOfAnAbsoluteTargetReplacesTheHostHeader() throws Exception {
    try (var client = proxy.connect()) {
      client.send("GET http://real:81/exapps/app/x?y HTTP/1.1\r\nHost: other\r\n\r\n");

      assertThat(client.readResponse().status()).isEqualTo(200);
      assertThat(RECEIVED.get(0).head().target()).isEqualTo("/x?y");
      assertThat(RECEIVED.get(0).head().all("host")).containsExactly("real:81");
    }
  }

  @Test
  void aTargetWithoutAPathIsAnsweredWith503() throws Exception {
    try (var client = proxy.connect()) {
      client.send("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
      var answer = client.readResponse();

      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.text()).isEqualTo("503 Service Unavailable (HaRP)");
      assertThat(answer.head().get("content-type")).isEqualTo("text/plain");
    }
  }

  @Test
  void oneEmptyLineBeforeARequestIsIgnored() throws Exception {
    try (var client = proxy.connect()) {
      client.send("\r\nGET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n");

      assertThat(client.readResponse().status()).isEqualTo(200);
    }
  }

  @Test
  void aRequestThatTricklesInByteByByteIsUnderstood() throws Exception {
    try (var client = proxy.connect()) {
      for (byte b : (LINE + HOST + "Content-Length: 3\r\n\r\nabc").getBytes()) {
        client.send(new byte[] {b});
      }
      assertThat(client.readResponse().status()).isEqualTo(200);
      assertThat(RECEIVED.get(0).text()).isEqualTo("abc");
    }
  }
}
