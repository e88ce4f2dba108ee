// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an ExApp receives and what the client gets back, byte for byte. */
class ForwardingTest {

  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

  private ScriptedServer exApp;
  private TestProxy proxy;

  @BeforeEach
  void start() throws Exception {
    exApp = new ScriptedServer(ScriptedServer.answering(OK));
    proxy = TestProxy.start().with(exApp);
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    exApp.close();
  }

  @Test
  void theRestOfThePathAndTheQueryArriveByteForByte() throws Exception {
    var received = exApp.capture(OK);
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/a%2Fb//c;d/%C3%A9?x=%20&y=a+b?&&z HTTP/1.1\r\nHost: h\r\n\r\n");

      assertThat(client.readResponse().text()).isEqualTo("ok");
      assertThat(received.get(30, TimeUnit.SECONDS).head().startLine())
          .isEqualTo("GET /a%2Fb//c;d/%C3%A9?x=%20&y=a+b?&&z HTTP/1.1");
    }
  }

  @Test
  void aConnectionCarriesOneRequestAfterTheOther() throws Exception {
    try (var client = proxy.connect()) {
      for (int i = 0; i < 5; i++) {
        client.send("GET /exapps/app/" + i + " HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(client.readResponse().status()).isEqualTo(200);
      }
    }
    assertThat(exApp.connections()).isEqualTo(1);
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    exApp.play(
        connection -> {
          while (true) {
            var path = connection.readRequest().head().target();
            connection.send(
                "HTTP/1.1 200 OK\r\ncontent-length: " + path.length() + "\r\n\r\n" + path);
          }
        });
    try (var client = proxy.connect()) {
      var all = new StringBuilder();
      for (int i = 0; i < 500; i++) {
        all.append("GET /exapps/app/").append(i).append(" HTTP/1.1\r\nHost: h\r\n\r\n");
      }
      client.send(all.toString());
      for (int i = 0; i < 500; i++) {
        assertThat(client.readResponse().text()).isEqualTo("/" + i);
      }
    }
  }

  @Test
  void thousandsOfPipelinedRequestsThatAreRefusedAtOnceDoNotOverflowTheStack() throws Exception {
    try (var client = proxy.connect()) {
      client.send("GET / HTTP/1.1\r\nHost:\r\n\r\n".repeat(2000));
      for (int i = 0; i < 2000; i++) {
        assertThat(client.readResponse().status()).isEqualTo(404);
      }
    }
  }
}
