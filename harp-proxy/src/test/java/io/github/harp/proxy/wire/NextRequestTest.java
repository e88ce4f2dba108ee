// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.HarpException;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.core.upstream.Engines;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.core.upstream.Upstreams;
import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.control.ControlAnswer;
import io.github.harp.proxy.control.ControlHandler;
import io.github.harp.proxy.control.ControlRequest;
import io.github.harp.proxy.upstream.TcpUpstream;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * However a request ends, the next one on its connection is answered, or the connection ends at
 * once so that the client takes another.
 */
class NextRequestTest {

  private static final Duration SHORT = Duration.ofMillis(300);

  /** Where that is the limit for the healthy ExApp as well, a busy machine may need several. */
  private static final int TRIES = 20;

  /** What must be there before the request can end so. */
  private enum Needs {
    HEAD,
    BODY
  }

  /** When the body comes, and how much of it. */
  private enum Body {
    NONE,
    WITH_ITS_HEAD,
    AFTER_THE_ANSWER,
    LARGE;

    String text() {
      return this == NONE ? "" : this == LARGE ? "x".repeat(120_000) : "hello";
    }
  }

  private enum Ending {
    NO_PATH_OF_OURS("/nothing", 404),
    UNKNOWN_EXAPP("/exapps/none/x", 404),
    DROPPED("/exapps/app/../x", 0),
    INTERNAL_ENDPOINT("/exapps/app/heartbeat", 0),
    NEVER_DECIDED("/exapps/undecided/x", 503),
    NOT_DECIDABLE("/exapps/undecidable/x", 503),
    NO_SUCH_UPSTREAM("/exapps/nowhere/x", 503),
    NEVER_LOCATED("/exapps/unlocated/x", 503),
    UNREACHABLE("/exapps/away/x", 503),
    NEVER_CONNECTED("/exapps/stuck/x", 503),
    ORDER_WITHOUT_KEY("/exapps/app_api/info", 401),
    ORDER("/exapps/app_api/info", 200, Needs.BODY, keyed()),
    ORDER_THAT_FAILS("/exapps/app_api/fail", 500, Needs.BODY, keyed()),
    ENGINE_CALL_REFUSED("/exapps/app_api/secrets", 403, Needs.HEAD, engine()),
    ENGINE_UNREACHABLE("/exapps/app_api/_ping", 503, Needs.HEAD, engine()),
    DIED("/exapps/app/died", 502),
    MALFORMED("/exapps/app/malformed", 502),
    SILENT("/exapps/app/silent", 504, Needs.BODY),
    CUT("/exapps/app/cut", 0),
    CUT_CHUNKS("/exapps/app/cut-chunks", 0),
    EARLY_ANSWER("/exapps/app/early", 413),
    EARLY_ANSWER_AND_END("/exapps/app/early-end", 413),
    EXPECTATION_FAILED("/exapps/app/failed", 417, Needs.HEAD, Map.of("expect", "100-continue")),
    CONTINUED("/exapps/app/continued", 200, Needs.BODY, Map.of("expect", "100-continue")),
    HINTS("/exapps/app/hints", 200, Needs.BODY),
    NO_CONTENT("/exapps/app/no-content", 204, Needs.BODY),
    NOT_MODIFIED("/exapps/app/not-modified", 304, Needs.BODY),
    UNTIL_THE_END("/exapps/app/until-the-end", 200, Needs.BODY),
    CHUNKS("/exapps/app/chunks", 200, Needs.BODY),
    UPGRADE_REFUSED(
        "/exapps/app/early",
        413,
        Needs.HEAD,
        Map.of("connection", "upgrade", "upgrade", "websocket"));

    private final String path;
    private final int status;
    private final Needs needs;
    private final Map<String, String> headers;

    Ending(String path, int status) {
      this(path, status, Needs.HEAD);
    }

    Ending(String path, int status, Needs needs) {
      this(path, status, needs, Map.of());
    }

    /**
     * @param status 0 for an answer that is not whole, or none
     */
    Ending(String path, int status, Needs needs, Map<String, String> headers) {
      this.path = path;
      this.status = status;
      this.needs = needs;
      this.headers = headers;
    }

    private static Map<String, String> keyed() {
      return Map.of("harp-shared-key", TestProxy.KEY);
    }

    private static Map<String, String> engine() {
      return Map.of("harp-shared-key", TestProxy.KEY, "docker-engine-port", "24000");
    }

    boolean isWaitedFor() {
      return switch (this) {
        case NEVER_DECIDED, NEVER_LOCATED, NEVER_CONNECTED, SILENT -> true;
        default -> false;
      };
    }

    boolean canEndWith(Body body) {
      return needs == Needs.HEAD || body != Body.AFTER_THE_ANSWER;
    }

    /** An order's body has a limit of its own. */
    int statusWith(Body body) {
      return needs == Needs.BODY && headers.equals(keyed()) && body == Body.LARGE ? 413 : status;
    }
  }

  private ScriptedServer exApp;
  private TestProxy proxy;

  @BeforeEach
  void start() throws Exception {
    exApp = new ScriptedServer(NextRequestTest::play);
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    exApp.close();
    assertThat(exApp.problems()).isEmpty();
  }

  private static void play(RawConnection connection) throws Exception {
    while (true) {
      var head = connection.readHead();
      switch (head.target()) {
        case "/died" -> {
          return;
        }
        case "/malformed" -> {
          connection.send("nonsense\r\n\r\n");
          return;
        }
        case "/silent" -> {
          connection.readToEnd();
          return;
        }
        case "/cut" -> {
          connection.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
          return;
        }
        case "/cut-chunks" -> {
          connection.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n");
          return;
        }
        case "/early" -> {
          connection.send("HTTP/1.1 413 No\r\ncontent-length: 2\r\n\r\nno");
          body(connection, head);
        }
        case "/early-end" -> {
          connection.send("HTTP/1.1 413 No\r\nconnection: close\r\ncontent-length: 2\r\n\r\nno");
          return;
        }
        case "/failed" -> {
          connection.send("HTTP/1.1 417 No\r\ncontent-length: 2\r\n\r\nno");
          body(connection, head);
        }
        case "/continued" -> {
          connection.send("HTTP/1.1 100 Continue\r\n\r\n");
          body(connection, head);
          connection.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        }
        case "/hints" -> {
          body(connection, head);
          connection.send("HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n");
          connection.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        }
        case "/no-content" -> {
          body(connection, head);
          connection.send("HTTP/1.1 204 No Content\r\n\r\n");
        }
        case "/not-modified" -> {
          body(connection, head);
          connection.send("HTTP/1.1 304 Not Modified\r\netag: x\r\n\r\n");
        }
        case "/until-the-end" -> {
          body(connection, head);
          connection.send("HTTP/1.1 200 OK\r\n\r\nall");
          return;
        }
        case "/chunks" -> {
          body(connection, head);
          connection.send(
              "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nall\r\n0\r\n\r\n");
        }
        default -> {
          var text = body(connection, head);
          connection.send("HTTP/1.1 200 OK\r\ncontent-length: " + text.length() + "\r\n\r\n");
          connection.send(text);
        }
      }
    }
  }

  private static String body(RawConnection connection, RawConnection.Head head) throws IOException {
    var length = head.get("content-length");
    return length == null ? "" : new String(connection.in().readNBytes(Integer.parseInt(length)));
  }

  private void startProxy(Ending ending) throws Exception {
    var timeouts = new HarpProxyOptions.Timeouts();
    timeouts =
        switch (ending) {
          case NEVER_DECIDED -> TestTimeouts.decision(SHORT);
          case NEVER_LOCATED, NEVER_CONNECTED -> TestTimeouts.connect(SHORT);
          case SILENT -> TestTimeouts.server(SHORT);
          default -> timeouts;
        };
    int nobody;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = socket.getLocalPort();
    }
    var options =
        TestProxy.options().timeouts(timeouts).limits(TestProxy.retrying(0, Duration.ofMillis(10)));
    proxy =
        TestProxy.start(
                options,
                Engines.of(Map.of(new EngineNumber(24000), tcp(nobody))),
                builder -> builder.orders(new Orders()).upstreams(new Places(nobody)))
            .asking(new Records(exApp.port()));
  }

  private static Upstream tcp(int port) {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    return new TcpUpstream(address, Duration.ofSeconds(5));
  }

  private record Records(int port) implements Nextcloud {
    @Override
    public Future<Optional<ExApp>> exApp(AppId appId) {
      return switch (appId.text()) {
        case "none" -> Future.succeededFuture(Optional.empty());
        case "undecided" -> Promise.<Optional<ExApp>>promise().future();
        case "undecidable" ->
            Future.failedFuture(new HarpException(HarpException.Code.UNREACHABLE, "no Nextcloud"));
        default -> {
          var all = RouteTable.of(List.of(new ExAppRoute(".*", AccessLevel.PUBLIC, Set.of())));
          var secret = Secret.of("secret");
          yield Future.succeededFuture(
              Optional.of(new ExApp(appId, "1", new ExAppAddress("127.0.0.1", port), secret, all)));
        }
      };
    }

    @Override
    public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
      return Future.succeededFuture(Optional.of(NcUser.ANONYMOUS));
    }
  }

  private record Places(int nobody) implements Upstreams {
    @Override
    public Future<Upstream> locate(ExApp exApp) {
      return switch (exApp.id().text()) {
        case "nowhere" ->
            Future.failedFuture(new HarpException(HarpException.Code.NOT_FOUND, "no such name"));
        case "unlocated" -> Promise.<Upstream>promise().future();
        case "away" -> Future.succeededFuture(tcp(nobody));
        case "stuck" ->
            Future.succeededFuture(loop -> Promise.<io.netty.channel.Channel>promise().future());
        default -> Future.succeededFuture(tcp(exApp.address().port()));
      };
    }
  }

  private static final class Orders implements ControlHandler {
    @Override
    public int maxBodyBytes(String path) {
      return 1000;
    }

    @Override
    public Future<ControlAnswer> handle(ControlRequest request) {
      return request.path().equals("/fail")
          ? Future.failedFuture(new IllegalStateException("can't"))
          : Future.succeededFuture(ControlAnswer.text(200, "done"));
    }
  }

  static Stream<Arguments> endings() {
    return Arrays.stream(Ending.values())
        .flatMap(
            ending ->
                Arrays.stream(Body.values())
                    .filter(ending::canEndWith)
                    .map(body -> Arguments.of(ending, body)));
  }

  // --- HTTP/1.1

  @DisplayName("F1: the next request of an HTTP/1.1 connection")
  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("endings")
  void theNextRequestOfAnHttp1ConnectionIsAnswered(Ending ending, Body body) throws Exception {
    startProxy(ending);
    try (var client = proxy.connect()) {
      for (int round = 0; round < 2; round++) {
        client.send(http1(ending, body));
        if (ending.status == 0) {
          assertThat(client.readToEnd()).doesNotContain("\r\n0\r\n\r\n");
          break;
        }
        var answer = finalAnswer(client);
        assertThat(answer.status()).isEqualTo(ending.statusWith(body));
        if (body == Body.AFTER_THE_ANSWER) {
          client.send(body.text());
        }
        if ("close".equals(answer.head().get("connection"))) {
          assertThat(client.readToEnd()).isEmpty();
          break;
        }
        echo(client);
      }
    }
    try (var another = proxy.connect()) {
      echo(another);
    }
  }

  private static String http1(Ending ending, Body body) {
    var text = new StringBuilder();
    text.append("GET ").append(ending.path).append(" HTTP/1.1\r\n");
    text.append("host: h\r\n");
    ending.headers.forEach((name, value) -> text.append(name + ": " + value + "\r\n"));
    if (body != Body.NONE) {
      text.append("content-length: ").append(body.text().length()).append("\r\n");
    }
    text.append("\r\n");
    return body == Body.AFTER_THE_ANSWER ? text.toString() : text + body.text();
  }

  private static RawConnection.Message finalAnswer(RawConnection client) throws IOException {
    var answer = client.readResponse();
    while (answer.status() < 200) {
      answer = client.readResponse();
    }
    return answer;
  }

  private static void echo(RawConnection client) throws IOException {
    var answer = again(client);
    for (int i = 1; i < TRIES && isLate(String.valueOf(answer.status())); i++) {
      answer = again(client);
    }
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("again");
  }

  /** The short limit holds for whoever is healthy, too. */
  private static boolean isLate(CharSequence status) {
    return "503".contentEquals(status) || "504".contentEquals(status);
  }

  private static RawConnection.Message again(RawConnection client) throws IOException {
    client.send("PUT /exapps/healthy/echo HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\nagain");
    return client.readResponse();
  }

  // --- HTTP/2

  static Stream<Arguments> endingsOfStreams() {
    return endings().filter(it -> it.get()[0] != Ending.UPGRADE_REFUSED);
  }

  @DisplayName("F1: the next request of an HTTP/2 connection")
  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("endingsOfStreams")
  void theNextRequestOfAnHttp2ConnectionIsAnswered(Ending ending, Body body) throws Exception {
    startProxy(ending);
    try (var client = new Http2Client(proxy.address())) {
      // More bytes than the connection's window has, should any stream not give back its own.
      for (int round = 0; round < 6; round++) {
        var headers = Http2Client.get(ending.path);
        ending.headers.forEach(headers::add);
        if (body != Body.NONE) {
          headers.addInt("content-length", body.text().length());
        }
        var stream = client.open(headers, body == Body.NONE);
        if (body == Body.WITH_ITS_HEAD || body == Body.LARGE) {
          stream.data(body.text(), true);
        }
        assertThat(outcome(stream)).isEqualTo(ending.statusWith(body));
        if (body == Body.AFTER_THE_ANSWER) {
          stream.data(body.text(), true);
        }
        echo(client);
        if (ending.isWaitedFor()) {
          break;
        }
      }
    }
  }

  private static void echo(Http2Client client) throws Exception {
    var stream = again(client);
    var status = stream.headers().headers().status();
    for (int i = 1; i < TRIES && isLate(status); i++) {
      stream = again(client);
      status = stream.headers().headers().status();
    }
    assertThat(status).hasToString("200");
    assertThat(stream.rest()).isEqualTo("again");
  }

  private static Http2Client.Stream again(Http2Client client) throws Exception {
    return client
        .open(Http2Client.request("PUT", "/exapps/healthy/echo").add("content-length", "5"), false)
        .data("again", true);
  }

  /** The status of a whole answer; 0 for one that is not. */
  private static int outcome(Http2Client.Stream stream) throws InterruptedException {
    int status = 0;
    while (true) {
      var frame = stream.next();
      boolean isEnd = false;
      if (frame instanceof Http2HeadersFrame headers) {
        var text = headers.headers().status();
        status = text == null ? status : Integer.parseInt(text.toString());
        isEnd = headers.isEndStream();
      } else if (frame instanceof Http2DataFrame data) {
        isEnd = data.isEndStream();
        data.release();
      } else if (frame instanceof Http2ResetFrame) {
        return 0;
      }
      if (isEnd) {
        return status;
      }
    }
  }
}
