// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static io.github.harp.launcher.contract.NextcloudDouble.route;
import static io.github.harp.launcher.contract.Stage.from;
import static io.github.harp.launcher.contract.Stage.session;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract 3.8: bodies that take their time, and connections that become tunnels. */
@ExtendWith(Stage.OnStage.class)
class StreamingIT {

  private static final int LARGE_BYTES = 100 << 20;

  private final Stage stage;

  StreamingIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void eventsArriveAsTheyAreSent() throws Exception {
    var app = stage.newExApp(route(".*", 0));
    var goOn = new CountDownLatch(1);
    stage.exApp.on(
        "/events-" + app,
        (request, in, out) -> {
          out.write(
              latin(
                  "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                      + "Transfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n"));
          out.flush();
          goOn.await(30, TimeUnit.SECONDS);
          out.write(latin("9\r\ndata: 2\n\n\r\n0\r\n\r\n"));
        });

    try (var wire = new Wire(stage.port)) {
      wire.send(Wire.request("GET", "/exapps/" + app + "/events-" + app, List.of()));
      var seen = new StringBuilder();
      while (!seen.toString().contains("data: 1")) {
        seen.append(wire.read(1));
      }
      goOn.countDown();
      while (!seen.toString().contains("data: 2")) {
        seen.append(wire.read(1));
      }
      assertThat(seen.toString()).startsWith("HTTP/1.1 200");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 100\r\n\r\nonly this",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
      })
  void anAnswerThatWasCutNeverLooksComplete(String rest) {
    var app = stage.newExApp(route(".*", 0));
    stage.exApp.on(
        "/cut-" + app,
        (request, in, out) -> {
          out.write(latin("HTTP/1.1 200 OK\r\n" + rest));
          out.flush();
          throw new IOException("cut");
        });

    var answer = stage.get("/exapps/" + app + "/cut-" + app);

    assertThat(answer.complete()).isFalse();
  }

  @Test
  void aWebSocketIsATunnelOfBytes() {
    var app = stage.newExApp(route("^/socket", 1));
    stage.exApp.on(
        "/socket-" + app,
        (request, in, out) -> {
          out.write(
              latin(
                  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                      + "Connection: Upgrade\r\nSec-WebSocket-Protocol: chat\r\n\r\nfirst"));
          out.flush();
          for (int next = in.read(); next >= 0; next = in.read()) {
            out.write(next ^ 1);
            out.flush();
          }
        });

    try (var wire = new Wire(stage.port)) {
      wire.send(
          Wire.request(
              "GET",
              "/exapps/" + app + "/socket-" + app,
              List.of(
                  session("alice"),
                  "Connection: keep-alive, Upgrade",
                  "Upgrade: websocket",
                  "Sec-WebSocket-Version: 13",
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                  "Sec-WebSocket-Protocol: chat")));
      var answer = wire.answer();
      assertThat(answer.status()).isEqualTo(101);
      assertThat(answer.header("sec-websocket-protocol")).containsExactly("chat");
      assertThat(wire.read(5)).isEqualTo("first");
      wire.send(new byte[] {0, 'a', (byte) 0xff});
      assertThat(wire.read(3)).isEqualTo("\u0001`\u00fe");
    }
    var received = stage.exApp.requests("/socket-" + app).get(0);
    assertThat(received.header("upgrade")).containsExactly("websocket");
    assertThat(received.header("sec-websocket-key")).containsExactly("dGhlIHNhbXBsZSBub25jZQ==");
  }

  @Test
  void aWebSocketNeedsItsRouteToo() {
    var app = stage.newExApp(route("^/socket", 1));

    var answer =
        stage.get(
            "/exapps/" + app + "/socket",
            from(stage.newClient()),
            "Connection: Upgrade",
            "Upgrade: websocket");

    assertThat(answer.status()).isEqualTo(403);
  }

  @Test
  void aClientThatLeavesIsNoticedByTheExApp() throws Exception {
    var app = stage.newExApp(route(".*", 0));
    var noticed = new CompletableFuture<Boolean>();
    stage.exApp.on(
        "/endless-" + app,
        (request, in, out) -> {
          out.write(latin("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"));
          try {
            while (!noticed.isDone()) {
              out.write(latin("data: 1\n\n"));
              out.flush();
              TimeUnit.MILLISECONDS.sleep(20);
            }
          } catch (IOException gone) {
            noticed.complete(true);
          }
        });

    var wire = new Wire(stage.port);
    wire.send(Wire.request("GET", "/exapps/" + app + "/endless-" + app, List.of())).read(100);
    wire.reset();

    assertThat(noticed.get(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aLargeUploadPassesThroughASmallHeap() {
    var app = stage.newExApp(route(".*", 0));
    stage.exApp.on(
        "/upload-" + app,
        (request, in, out) -> out.write(RawServer.ok("" + skip(in, LARGE_BYTES))));

    try (var wire = new Wire(stage.port)) {
      wire.send(
          Wire.request(
              "PUT",
              "/exapps/" + app + "/upload-" + app,
              List.of("Content-Length: " + LARGE_BYTES, RawServer.UNREAD + ": yes")));
      var part = new byte[1 << 20];
      for (int sent = 0; sent < LARGE_BYTES; sent += part.length) {
        wire.send(part);
      }
      assertThat(wire.answer().text()).isEqualTo("" + LARGE_BYTES);
    }
  }

  @Test
  void aLargeDownloadPassesThroughASmallHeap() {
    var app = stage.newExApp(route(".*", 0));
    stage.exApp.on(
        "/download-" + app,
        (request, in, out) -> {
          out.write(latin("HTTP/1.1 200 OK\r\nContent-Length: " + LARGE_BYTES + "\r\n\r\n"));
          var part = new byte[1 << 20];
          for (int sent = 0; sent < LARGE_BYTES; sent += part.length) {
            out.write(part);
          }
        });

    try (var wire = new Wire(stage.port)) {
      wire.send(
          Wire.request("GET", "/exapps/" + app + "/download-" + app, List.of("Connection: close")));
      assertThat(wire.skipToEnd()).isGreaterThan(LARGE_BYTES);
    }
  }

  private static long skip(InputStream in, int bytes) throws IOException {
    var buffer = new byte[1 << 16];
    long total = 0;
    while (total < bytes) {
      var read = in.read(buffer);
      if (read < 0) {
        break;
      }
      total += read;
    }
    return total;
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
