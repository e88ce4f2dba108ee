// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.decision.Decision;
import io.github.harp.core.upstream.Engines;
import io.github.harp.proxy.control.ControlAnswer;
import io.github.harp.proxy.control.ControlHandler;
import io.github.harp.proxy.control.ControlRequest;
import io.github.harp.proxy.upstream.TcpUpstream;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * S2: AppAPI's proxy sends a user's own copies of its headers along, before the genuine ones. The
 * last line counts, and an earlier one is nobody's mistake.
 */
class RepeatedHeadersTest {

  enum Protocol {
    HTTP_1,
    HTTP_2
  }

  private record Line(String name, String value) {}

  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

  private final BlockingQueue<RawConnection.Head> received = new LinkedBlockingQueue<>();
  private ScriptedServer exApp;
  private ScriptedServer engine;
  private ScriptedServer decoy;
  private TestProxy proxy;

  @BeforeEach
  void start() throws Exception {
    exApp = new ScriptedServer(this::record);
    engine = new ScriptedServer(this::record);
    decoy = new ScriptedServer(ScriptedServer.answering(OK));
    var engines =
        Engines.of(
            Map.of(
                new EngineNumber(24000),
                upstream(engine.port()),
                new EngineNumber(24001),
                upstream(decoy.port())));
    proxy =
        TestProxy.start(
            TestProxy.options(), engines, builder -> builder.orders(new EchoOfEngine()));
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    exApp.close();
    engine.close();
    decoy.close();
  }

  /** Says which engine an order is for. */
  private static final class EchoOfEngine implements ControlHandler {
    @Override
    public int maxBodyBytes(String path) {
      return 0;
    }

    @Override
    public Future<ControlAnswer> handle(ControlRequest request) {
      return Future.succeededFuture(
          ControlAnswer.text(200, request.head().header("docker-engine-port")));
    }
  }

  private static TcpUpstream upstream(int port) {
    return new TcpUpstream(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Duration.ofSeconds(5));
  }

  private void record(RawConnection connection) throws Exception {
    while (true) {
      received.add(connection.readRequest().head());
      connection.send(OK);
    }
  }

  /** As AppAPI signs a request to an ExApp that HaRP does not know yet. */
  private List<Line> signed() {
    return List.of(
        new Line("harp-shared-key", TestProxy.KEY),
        new Line("ex-app-id", "New"),
        new Line("ex-app-version", "9.9.9"),
        new Line("ex-app-host", "127.0.0.1"),
        new Line("ex-app-port", String.valueOf(exApp.port())),
        new Line("authorization-app-api", "YWxpY2U6c2VjcmV0"),
        new Line("x-origin-ip", "198.51.100.1"));
  }

  /** With a copy of one header before the genuine one, or after it. */
  private static List<Line> withCopy(List<Line> genuine, String name, String value, boolean first) {
    var lines = new ArrayList<>(genuine);
    lines.add(first ? 0 : lines.size(), new Line(name, value));
    return lines;
  }

  private int status(Protocol protocol, String path, List<Line> lines) throws Exception {
    if (protocol == Protocol.HTTP_1) {
      try (var client = proxy.connect()) {
        var request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: h\r\n");
        lines.forEach(it -> request.append(it.name + ": " + it.value + "\r\n"));
        client.send(request + "\r\n");
        return client.readResponse().status();
      }
    }
    try (var client = new Http2Client(proxy.address())) {
      var headers = Http2Client.get(path);
      lines.forEach(it -> headers.add(it.name, it.value));
      return Integer.parseInt(client.open(headers, true).headers().headers().status().toString());
    }
  }

  private RawConnection.Head reached() throws InterruptedException {
    var head = received.poll(30, TimeUnit.SECONDS);
    assertThat(head).isNotNull();
    assertThat(decoy.connections()).isZero();
    return head;
  }

  private Stream<Line> copiesOfAUser() {
    return Stream.of(
        new Line("harp-shared-key", "guess"),
        new Line("ex-app-id", "NEW"),
        new Line("ex-app-version", "0.0.1"),
        new Line("ex-app-host", "192.0.2.1"),
        new Line("ex-app-port", String.valueOf(decoy.port())),
        new Line("authorization-app-api", "cm9vdDpzZWNyZXQ="),
        new Line("x-origin-ip", "203.0.113.9"));
  }

  @ParameterizedTest
  @EnumSource
  void theLastLineOfEachHeaderOfASignedRequestCounts(Protocol protocol) throws Exception {
    for (var copy : copiesOfAUser().toList()) {
      var lines = withCopy(signed(), copy.name, copy.value, true);

      assertThat(status(protocol, "/exapps/new/x", lines)).as(copy.toString()).isEqualTo(200);

      var head = reached();
      assertThat(head.all("ex-app-id")).as(copy.toString()).containsExactly("New");
      assertThat(head.all("ex-app-version")).as(copy.toString()).containsExactly("9.9.9");
      assertThat(head.all("authorization-app-api"))
          .as(copy.toString())
          .containsExactly("YWxpY2U6c2VjcmV0");
      assertThat(head.all("x-origin-ip")).as(copy.toString()).containsExactly("198.51.100.1");
      assertThat(proxy.nextRecord().verdict().decision()).isInstanceOf(Decision.Forward.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anEarlierRightKeyDoesNotHelpALaterWrongOne(Protocol protocol) throws Exception {
    var lines = withCopy(List.of(), "harp-shared-key", TestProxy.KEY, true);
    lines = withCopy(lines, "harp-shared-key", "guess", false);

    assertThat(status(protocol, "/exapps/app_api/info", lines)).isEqualTo(401);
  }

  @ParameterizedTest
  @EnumSource
  void theLastLineNamesTheEngine(Protocol protocol) throws Exception {
    var lines =
        List.of(
            new Line("docker-engine-port", "24001"),
            new Line("harp-shared-key", "guess"),
            new Line("harp-shared-key", TestProxy.KEY),
            new Line("docker-engine-port", "24000"));

    assertThat(status(protocol, "/exapps/app_api/_ping", lines)).isEqualTo(200);
    assertThat(reached().startLine()).isEqualTo("GET /_ping HTTP/1.1");
    assertThat(proxy.nextRecord().verdict().decision()).isInstanceOf(Decision.EngineCall.class);
  }

  @Test
  void theLastLineNamesTheEngineOfAnOrder() throws Exception {
    try (var client = proxy.connect()) {
      client.send(
          "GET /exapps/app_api/docker/exapp/exists HTTP/1.1\r\nHost: h\r\n"
              + "docker-engine-port: 24001\r\n"
              + ("harp-shared-key: " + TestProxy.KEY + "\r\n")
              + "docker-engine-port: 24000\r\n\r\n");

      assertThat(client.readResponse().text()).isEqualTo("24000");
    }
  }
}
