// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By what name client, proxy in front, ExApp and log speak of a request. */
class RequestIdsTest {

  private static final String ID = "x-request-id";
  private static final String MADE = "[0-9a-hjkmnp-tv-z]{10}";

  private final BlockingQueue<RawConnection.Head> received = new LinkedBlockingQueue<>();
  private String answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  private ScriptedServer exApp;
  private TestProxy proxy;

  @BeforeEach
  void start() throws Exception {
    exApp =
        new ScriptedServer(
            connection -> {
              received.add(connection.readRequest().head());
              connection.send(answer);
              connection.readToEnd();
            });
    proxy = TestProxy.start().with(exApp);
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    exApp.close();
  }

  private void behindProxy() throws Exception {
    proxy.close();
    proxy = TestProxy.startBehindProxy().with(exApp);
  }

  private RawConnection.Head answered(String path, String... lines) throws Exception {
    try (var client = proxy.connect()) {
      client.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n");
      for (var line : lines) {
        client.send(line + "\r\n");
      }
      return client.send("\r\n").readResponse().head();
    }
  }

  private RawConnection.Head atTheExApp() throws Exception {
    return received.poll(30, TimeUnit.SECONDS);
  }

  @Test
  void clientExAppAndLogKnowARequestByOneName() throws Exception {
    var id = answered("/exapps/app/x").get(ID);

    assertThat(id).matches(MADE);
    assertThat(atTheExApp().all(ID)).containsExactly(id);
    assertThat(proxy.nextRecord().id()).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/exapps/unknown/x", "/exapps/app_api/info", "/exapps/app/%0a", "no target"})
  void whatIsAnsweredHereHasANameToo(String path) throws Exception {
    var head = answered(path);

    assertThat(head.status()).isBetween(400, 599);
    assertThat(head.all(ID)).singleElement().asString().matches(MADE);
    assertThat(proxy.nextRecord().id()).isEqualTo(head.get(ID));
  }

  @Test
  void requestsOfOneConnectionHaveDifferentNames() throws Exception {
    exApp.play(ScriptedServer.answering(answer));
    try (var client = proxy.connect()) {
      var request = "GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n";
      var first = client.send(request).readResponse().head().get(ID);

      assertThat(client.send(request).readResponse().head().get(ID)).isNotEqualTo(first);
    }
  }

  @Test
  void aStrangersNameIsReplaced() throws Exception {
    var id = answered("/exapps/app/x", "X-Request-Id: mine", "X_REQUEST_ID: mine").get(ID);

    assertThat(id).matches(MADE);
    assertThat(atTheExApp().lines().stream().filter(line -> line.contains("mine"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "7f000001",
        "01234567-89ab-cdef-0123-456789ABCDEF",
        "7F000001:A1B2_7F000001:1F90_5F3C1E5A_0012:0001",
        "Xx1@kH8AAQEAAHnZ+2/w==",
      })
  void theNameThatATrustedProxyGaveIsKept(String given) throws Exception {
    behindProxy();

    assertThat(answered("/exapps/app/x", "X-Request-Id: " + given).all(ID)).containsExactly(given);
    assertThat(atTheExApp().all(ID)).containsExactly(given);
    assertThat(proxy.nextRecord().id()).isEqualTo(given);
    assertThat(answered("/exapps/unknown/x", "X-Request-Id: " + given).get(ID)).isEqualTo(given);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "two words", "\"quoted\"", "a,b", "<script>", "caf\u00e9"})
  void whatIsNoNameIsReplacedWhoeverSendsIt(String given) throws Exception {
    behindProxy();

    assertThat(answered("/exapps/app/x", "X-Request-Id: " + given).get(ID)).matches(MADE);
  }

  @Test
  void aNameHasAnEnd() throws Exception {
    behindProxy();

    var longest = "x".repeat(128);
    assertThat(answered("/exapps/app/x", "X-Request-Id: " + longest).get(ID)).isEqualTo(longest);
    assertThat(answered("/exapps/app/x", "X-Request-Id: " + longest + "x").get(ID)).matches(MADE);
  }

  @Test
  void theExAppsOwnNameIsNotWhatTheClientIsTold() throws Exception {
    answer = "HTTP/1.1 200 OK\r\nX-Request-ID: its-own\r\ncontent-length: 2\r\n\r\nok";

    var ids = answered("/exapps/app/x").all(ID);

    assertThat(ids).containsExactly(atTheExApp().get(ID));
  }

  @Test
  void anUpgradeHasANameToo() throws Exception {
    exApp.play(
        connection -> {
          received.add(connection.readHead());
          connection.send(
              "HTTP/1.1 101 Switching Protocols\r\n"
                  + "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
          connection.readToEnd();
        });
    try (var client = proxy.connect()) {
      client.send(
          "GET /exapps/app/x HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
              + "Upgrade: websocket\r\n\r\n");

      assertThat(client.readHead().all(ID)).containsExactly(atTheExApp().get(ID));
    }
  }

  @Test
  void anInterimAnswerHasNone() throws Exception {
    try (var client = proxy.connect()) {
      exApp.play(
          connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 100 Continue\r\n\r\n");
            connection.in().readNBytes(2);
            connection.send(answer);
          });
      client.send(
          "POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n"
              + "Expect: 100-continue\r\n\r\n");

      assertThat(client.readHead().lines()).isEmpty();
      assertThat(client.send("ok").readResponse().head().all(ID)).hasSize(1);
    }
  }

  @Test
  void streamsOfHttp2HaveNamesToo() throws Exception {
    exApp.play(ScriptedServer.answering(answer));
    try (var client = new Http2Client(proxy.address())) {
      var forwarded = client.open(Http2Client.get("/exapps/app/x"), true).headers().headers();
      var refused = client.open(Http2Client.get("/exapps/unknown/x"), true).headers().headers();

      assertThat(forwarded.getAll(ID)).singleElement().asString().matches(MADE);
      assertThat(refused.getAll(ID)).singleElement().asString().matches(MADE);
      assertThat(refused.get(ID)).isNotEqualTo(forwarded.get(ID));
    }
  }

  @Test
  void trailersDoNotNameARequest() throws Exception {
    exApp.play(
        connection -> {
          var request = connection.readRequest();
          received.add(new RawConnection.Head("", request.trailers()));
          connection.send(answer);
        });
    try (var client = proxy.connect()) {
      client.send(
          "POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "0\r\nx-request-id: other\r\nx-sum: 1\r\n\r\n");
      client.readResponse();
    }
    assertThat(atTheExApp().lines()).containsExactly("x-sum: 1");
  }

  @Test
  void trailersDoNotNameAnAnswer() throws Exception {
    answer =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
            + "0\r\nX-Request-ID: its-own\r\nx-sum: 1\r\n\r\n";
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(client.readResponse().trailers()).containsExactly("x-sum: 1");
    }
  }
}
