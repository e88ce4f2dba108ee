// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.DataInputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 in, HTTP/1.1 out. */
class Http2Test {

  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

  private ScriptedServer exApp;
  private TestProxy proxy;
  private Http2Client client;

  @BeforeEach
  void start() throws Exception {
    exApp = new ScriptedServer(ScriptedServer.answering(OK));
    proxy = TestProxy.start().with(exApp);
    client = new Http2Client(proxy.address());
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    proxy.close();
    assertThat(exApp.problems()).isEmpty();
    exApp.close();
  }

  @Test
  void aRequestBecomesOneOfHttp11() throws Exception {
    var received =
        exApp.capture(
            "HTTP/1.1 200 Fine\r\nX-Name: y\r\nConnection: close\r\ncontent-length: 2\r\n\r\nok");
    var headers =
        Http2Client.get("/exapps/app/a%2Fb?x=%20")
            .add("cookie", "a=1")
            .add("cookie", "b=2; c=3")
            .add("x-forwarded-proto", "https")
            .add("te", "trailers");
    var stream = client.open(headers, true);
    var head = stream.headers();

    assertThat(head.headers().status()).hasToString("200");
    assertThat(head.headers().get("x-name")).hasToString("y");
    assertThat(head.headers().contains("connection")).isFalse();
    assertThat(stream.rest()).isEqualTo("ok");
    var request = received.get(30, TimeUnit.SECONDS).head();
    assertThat(request.startLine()).isEqualTo("GET /a%2Fb?x=%20 HTTP/1.1");
    assertThat(request.all("host")).containsExactly("cloud.example");
    assertThat(request.all("cookie")).containsExactly("a=1; b=2; c=3");
    assertThat(request.all("te")).containsExactly("trailers");
    assertThat(request.lines())
        .noneMatch(line -> line.startsWith(":") || line.startsWith("x-http"));
    assertThat(proxy.nextRecord().protocol()).isEqualTo("HTTP/2");
  }

  @Test
  void manyStreamsShareAConnection() throws Exception {
    var streams = new ArrayList<Http2Client.Stream>();
    for (int i = 0; i < 50; i++) {
      streams.add(client.open(Http2Client.get("/exapps/app/" + i), true));
    }
    for (var stream : streams) {
      assertThat(stream.headers().headers().status()).hasToString("200");
      assertThat(stream.rest()).isEqualTo("ok");
    }
  }

  @Test
  void bodiesAndTrailersPassBothWays() throws Exception {
    var received =
        exApp.capture(
            "HTTP/1.1 200 OK\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n"
                + "3\r\n"
                + "abc\r\n"
                + "0\r\n"
                + "X-Sum: 5\r\n\r\n");
    var stream = client.open(Http2Client.request("POST", "/exapps/app/x"), false);
    stream.data("he", false).data("llo", false).trailers("x-up", "1");

    assertThat(stream.headers().headers().contains("transfer-encoding")).isFalse();
    assertThat(stream.rest()).startsWith("abc|").contains("x-sum: 5");
    assertThat(received.get().text()).isEqualTo("hello");
    assertThat(received.get().trailers()).containsExactly("x-up: 1");
  }

  @ParameterizedTest
  @DisplayName("S6: trailers of HTTP/2 say nothing that the head has to say")
  @ValueSource(
      strings = {
        "ex-app-id",
        "authorization_app_api",
        "harp.shared-key",
        "cookie",
        "host",
        "keep_alive"
      })
  void trailersOfTheHeadAreLeftOut(String name) throws Exception {
    var received = exApp.capture(OK);
    client
        .open(Http2Client.request("POST", "/exapps/app/x"), false)
        .data("hello", false)
        .trailers(name, "z");

    assertThat(received.get(30, java.util.concurrent.TimeUnit.SECONDS).trailers()).isEmpty();
  }

  @Test
  void interimAnswersPass() throws Exception {
    exApp.play(
        connection -> {
          connection.readHead();
          connection.send("HTTP/1.1 100 Continue\r\n\r\n");
          connection.in().readNBytes(5);
          connection.send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK);
          connection.readToEnd();
        });
    var headers =
        Http2Client.request("POST", "/exapps/app/x")
            .add("expect", "100-continue")
            .add("content-length", "5");
    var stream = client.open(headers, false);

    assertThat(stream.headers().headers().status()).hasToString("100");
    stream.data("hello", true);
    var hints = stream.headers();
    assertThat(hints.headers().status()).hasToString("103");
    assertThat(hints.headers().get("link")).hasToString("x");
    assertThat(stream.headers().headers().status()).hasToString("200");
    assertThat(stream.rest()).isEqualTo("ok");
  }

  @Test
  void anAnswerWithoutABodyEndsWithItsHead() throws Exception {
    exApp.play(ScriptedServer.answering("HTTP/1.1 204 No Content\r\n\r\n"));
    var head = client.open(Http2Client.get("/exapps/app/x"), true).headers();

    assertThat(head.headers().status()).hasToString("204");
    assertThat(head.isEndStream()).isTrue();
  }

  @Test
  void anAnswerToHeadKeepsItsLength() throws Exception {
    exApp.play(ScriptedServer.answering("HTTP/1.1 200 OK\r\ncontent-length: 77\r\n\r\n"));
    var head = client.open(Http2Client.request("HEAD", "/exapps/app/x"), true).headers();

    assertThat(head.headers().get("content-length")).hasToString("77");
    assertThat(head.isEndStream()).isTrue();
  }

  @Test
  void aWebSocketOverHttp2BecomesAnUpgrade() throws Exception {
    assertThat(client.settings().settings().connectProtocolEnabled()).isTrue();
    var received = new CompletableFuture<RawConnection.Head>();
    exApp.play(
        connection -> {
          received.complete(connection.readHead());
          connection.send(
              "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                  + "Sec-WebSocket-Accept: abc\r\nSec-WebSocket-Protocol: chat\r\n\r\n");
          connection.in().transferTo(connection.out());
        });
    var headers =
        Http2Client.request("CONNECT", "/exapps/app/ws?room=1")
            .add(":protocol", "websocket")
            .add("sec-websocket-version", "13")
            .add("sec-websocket-protocol", "chat");
    var stream = client.open(headers, false).data("early ", false);
    var head = stream.headers();

    assertThat(head.headers().status()).hasToString("200");
    assertThat(head.headers().get("sec-websocket-protocol")).hasToString("chat");
    assertThat(head.headers().contains("sec-websocket-accept")).isFalse();
    assertThat(head.headers().contains("upgrade")).isFalse();
    stream.data("hello", false);
    assertThat(stream.data(11)).isEqualTo("early hello");
    stream.data("bye", true);
    assertThat(stream.rest()).isEqualTo("bye");
    var request = received.get();
    assertThat(request.startLine()).isEqualTo("GET /ws?room=1 HTTP/1.1");
    assertThat(request.get("connection")).isEqualTo("Upgrade");
    assertThat(request.get("upgrade")).isEqualTo("websocket");
    assertThat(request.get("sec-websocket-key")).hasSize(24);
    assertThat(proxy.nextRecord().upgraded()).isTrue();
  }

  @Test
  void aRefusedWebSocketIsAnOrdinaryAnswer() throws Exception {
    exApp.play(ScriptedServer.answering("HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno"));
    var headers = Http2Client.request("CONNECT", "/exapps/app/ws").add(":protocol", "websocket");
    var stream = client.open(headers, false);

    assertThat(stream.headers().headers().status()).hasToString("403");
    assertThat(stream.rest()).isEqualTo("no");
  }

  @ParameterizedTest
  @DisplayName("S16: nothing but a tunnel is :status 2xx to an extended CONNECT")
  @CsvSource({
    "/exapps/app/ws, websocket, 502",
    "/exapps/app/ws, tcp, 501",
    "/exapps/app_api/info, websocket, 501"
  })
  void aRefusedTunnelDoesNotLookOpen(String path, String protocol, String status) throws Exception {
    for (var answer : List.of(OK, "HTTP/1.1 204 No Content\r\n\r\n")) {
      exApp.play(ScriptedServer.answering(answer));
      var headers =
          Http2Client.request("CONNECT", path)
              .add(":protocol", protocol)
              .add("harp-shared-key", TestProxy.KEY);
      var stream = client.open(headers, false);

      assertThat(stream.headers().headers().status()).hasToString(status);
    }
  }

  @Test
  void aTruncatedAnswerResetsTheStreamOnly() throws Exception {
    exApp.play(
        connection -> {
          connection.readRequest();
          connection.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
        });
    var stream = client.open(Http2Client.get("/exapps/app/x"), true);
    assertThat(stream.resetFrame().errorCode()).isEqualTo(Http2Error.INTERNAL_ERROR.code());

    exApp.play(ScriptedServer.answering(OK));
    assertThat(client.open(Http2Client.get("/exapps/app/x"), true).headers().headers().status())
        .hasToString("200");
  }

  @Test
  void aDroppedRequestIsAResetOfItsStream() throws Exception {
    var stream = client.open(Http2Client.get("/exapps/app/../x"), true);
    assertThat(stream.resetFrame().errorCode()).isEqualTo(Http2Error.CANCEL.code());

    assertThat(client.open(Http2Client.get("/exapps/app/x"), true).headers().headers().status())
        .hasToString("200");
  }

  @Test
  void aStreamThatTheClientResetsCancelsTheRequest() throws Exception {
    var arrived = new CountDownLatch(1);
    var ended = new CountDownLatch(1);
    exApp.play(
        connection -> {
          connection.readRequest();
          arrived.countDown();
          connection.readToEnd();
          ended.countDown();
        });
    var stream = client.open(Http2Client.get("/exapps/app/x"), true);
    assertThat(arrived.await(30, TimeUnit.SECONDS)).isTrue();
    stream.reset();

    assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(proxy.nextRecord().failure().kind()).isEqualTo(Kind.CLIENT_GONE);
  }

  @Test
  void anEarlyAnswerReachesAClientThatIsStillSending() throws Exception {
    exApp.play(
        connection -> {
          connection.readHead();
          connection.send("HTTP/1.1 413 Too Much\r\ncontent-length: 2\r\n\r\nno");
        });
    var stream = client.open(Http2Client.request("POST", "/exapps/app/x"), false);
    stream.data("some of it", false);

    assertThat(stream.headers().headers().status()).hasToString("413");
    assertThat(stream.rest()).isEqualTo("no");
    assertThat(stream.resetFrame().errorCode()).isEqualTo(Http2Error.NO_ERROR.code());
  }

  @Test
  void headsThatHttp11CannotHoldAreRefused() throws Exception {
    var received = exApp.capture(OK);
    for (Http2Headers headers :
        new Http2Headers[] {
          Http2Client.get("/exapps/app/a b"),
          Http2Client.get("/exapps/app/a\r\nX: y"),
          Http2Client.get("exapps/app/a"),
          Http2Client.get("/exapps/app/a#b"),
          Http2Client.request("G T", "/exapps/app/a"),
          Http2Client.get("/exapps/app/a").authority("a/b"),
          Http2Client.get("/exapps/app/a").add("host", "other"),
          Http2Client.get("/exapps/app/a").add("x", "a\r\nY: b"),
          Http2Client.get("/exapps/app/a").add("x", " padded"),
          Http2Client.get("/exapps/app/a").add("X-Upper", "1"),
          Http2Client.get("/exapps/app/a").add("transfer-encoding", "chunked"),
          Http2Client.get("/exapps/app/a").add("connection", "close"),
          Http2Client.get("/exapps/app/a").add("content-length", "abc"),
          Http2Client.get("/exapps/app/a").add("content-length", "5"),
          Http2Client.get("/exapps/app/a").add(":protocol", "websocket"),
          Http2Client.get("/exapps/app/a").add(":unknown", "x"),
          new DefaultHttp2Headers(false).method("GET").scheme("http").path("/exapps/app/a"),
          new DefaultHttp2Headers(false).method("GET").scheme("http").authority("h"),
        }) {
      try (var blunt = new Http2Client(proxy.address())) {
        var stream = blunt.open(headers, true);
        var first = stream.next();
        if (first instanceof io.netty.handler.codec.http2.Http2HeadersFrame answer) {
          assertThat(answer.headers().status()).as("%s", headers).hasToString("400");
        }
      }
    }
    assertThat(received).isNotDone();
  }

  private static Http2Headers bigHead(int kib) {
    var headers = Http2Client.get("/exapps/app/x");
    for (int i = 0; i < kib; i++) {
      headers.add("x-" + i, "a".repeat(1024));
    }
    return headers;
  }

  @Test
  void headersThatAreTooLargeAreRefusedWith431() throws Exception {
    assertThat(client.open(bigHead(36), true).headers().headers().status()).hasToString("431");
  }

  /** S1: each takes more memory than its few bytes. */
  @Test
  void moreThan128HeadersAreRefusedWith431() throws Exception {
    var head = Http2Client.get("/exapps/app/");
    for (int i = 0; i < 129; i++) {
      head.add("x", "a");
    }
    assertThat(client.open(head, true).headers().headers().status()).hasToString("431");
    assertThat(exApp.connections()).isZero();
  }

  @Test
  void headersThatAreFarTooLargeEndTheConnection() throws Exception {
    client.open(bigHead(100), true);

    assertThat(client.goAway().errorCode()).isNotEqualTo(Http2Error.NO_ERROR.code());
    assertThat(exApp.connections()).isZero();
  }

  @Test
  void anIdleConnectionIsToldToGoAway() throws Exception {
    proxy.close();
    var timeouts = TestTimeouts.client(Duration.ofSeconds(2));
    proxy = TestProxy.start(TestProxy.options().timeouts(timeouts)).with(exApp);
    try (var idle = new Http2Client(proxy.address())) {
      assertThat(idle.goAway().errorCode()).isEqualTo(Http2Error.NO_ERROR.code());
      assertThat(idle.connection().closeFuture().await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void rapidResetsEndTheConnection() throws Exception {
    for (int i = 0; i < 300 && client.connection().isActive(); i++) {
      try {
        client.open(Http2Client.get("/exapps/app/x"), true).reset();
      } catch (Exception closed) {
        break;
      }
    }
    assertThat(client.goAway().errorCode()).isEqualTo(Http2Error.ENHANCE_YOUR_CALM.code());
  }

  /** Closing at once would let the client's kernel throw the GOAWAY away. */
  @Test
  void aClientThatIsStillSendingLearnsWhyItsConnectionEnds() throws Exception {
    var settings = frame(4, 0, 0, 0);
    var dataOfNoStream = frame(0, 1, 0, 0);
    try (var blunt = proxy.connect()) {
      blunt.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").send(settings).send(dataOfNoStream);
      blunt.send(new byte[32 * 1024 * 1024]);

      assertThat(errorOfTheGoAway(blunt)).isEqualTo(Http2Error.PROTOCOL_ERROR.code());
      assertThat(blunt.readToEnd()).isEmpty();
    }
    await().until(() -> proxy.proxy().openConnections() == 1);
  }

  @Test
  @DisplayName("S1: a client that offers a large header table makes us keep 4 KiB")
  void theHeaderTableThatAClientOffersIsNotFilled() throws Exception {
    var offer = frame(4, 6, 0, 0);
    // SETTINGS_HEADER_TABLE_SIZE, 16 MiB.
    offer[10] = 1;
    offer[11] = 1;
    var get = frame(1, 3, 0x5, 1);
    // :method GET, :scheme http and :path / of the static table: 404, which suffices.
    get[9] = (byte) 0x82;
    get[10] = (byte) 0x86;
    get[11] = (byte) 0x84;
    try (var blunt = proxy.connect()) {
      blunt.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").send(offer).send(get);

      assertThat(tableSize(payload(blunt, 1))).isLessThanOrEqualTo(4096);
    }
  }

  /** The last size that a header block begins with, RFC 7541, section 6.3, or the usual one. */
  private static int tableSize(ByteBuffer block) {
    int size = 4096;
    while ((block.get(block.position()) & 0xe0) == 0x20) {
      size = block.get() & 0x1f;
      if (size == 0x1f) {
        int shift = 0;
        int next;
        do {
          next = block.get();
          size += (next & 0x7f) << shift;
          shift += 7;
        } while (next < 0);
      }
    }
    return size;
  }

  /** One with a payload of zeros on a stream. */
  private static byte[] frame(int type, int length, int flags, int stream) {
    return ByteBuffer.allocate(9 + length)
        .putShort((short) 0)
        .put((byte) length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .array();
  }

  private static long errorOfTheGoAway(RawConnection connection) throws Exception {
    return Integer.toUnsignedLong(payload(connection, 7).getInt(4));
  }

  /** That of the next frame of a type. */
  private static ByteBuffer payload(RawConnection connection, int wanted) throws Exception {
    var in = new DataInputStream(connection.in());
    while (true) {
      int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
      int type = in.readUnsignedByte();
      in.skipNBytes(5);
      var payload = ByteBuffer.wrap(in.readNBytes(length));
      if (type == wanted) {
        return payload;
      }
    }
  }

  @Test
  void aBodyOf20MiBPassesThroughTheWindows() throws Exception {
    var block = "x".repeat(16 * 1024);
    int blocks = 20 * 64;
    exApp.play(
        connection -> {
          var body = connection.readRequest().text();
          connection.send("HTTP/1.1 200 OK\r\ncontent-length: " + body.length() + "\r\n\r\n");
          connection.send(body);
          connection.readToEnd();
        });
    var stream = client.open(Http2Client.request("PUT", "/exapps/app/x"), false);
    for (int i = 0; i < blocks; i++) {
      stream.data(block, i == blocks - 1);
    }
    assertThat(stream.headers().headers().status()).hasToString("200");
    assertThat(stream.rest()).hasSize(blocks * block.length());
  }
}
