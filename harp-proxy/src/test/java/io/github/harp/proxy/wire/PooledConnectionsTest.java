// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What may go over a connection to an ExApp that has had an answer already. */
class PooledConnectionsTest extends BeforeOneExApp {

  private final AtomicInteger requests = new AtomicInteger();

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
}
