// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.harp.core.upstream.Upstreams;
import io.github.harp.proxy.HarpProxyOptions.Timeouts;
import io.github.harp.proxy.HarpProxyOptions.Timeouts.Upgraded;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.transport.TransportChoice;
import io.github.harp.proxy.upstream.TcpUpstream;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A client that sends no more has sent all that it had to, as long as nothing says otherwise. */
class HalfClosedClientsTest {

  private static final String GET = "GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String POST =
      "POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody";
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  private static final String TRANSPORTS =
      "io.github.harp.proxy.wire.HoardingClientsTest#transports";
  private static final Duration SHORT = Duration.ofMillis(200);

  private final Promise<Void> isFound = Promise.promise();
  private final CountDownLatch asked = new CountDownLatch(1);
  private ScriptedServer exApp;
  private TestProxy proxy;

  @BeforeEach
  void startExApp() throws Exception {
    exApp = new ScriptedServer(ScriptedServer.answering(OK));
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    exApp.close();
  }

  private void start(TransportChoice transport, Timeouts timeouts, Upstreams upstreams) {
    proxy =
        TestProxy.start(
                TestProxy.options().transport(transport).timeouts(timeouts),
                builder -> builder.upstreams(upstreams))
            .with("other", "127.0.0.1", exApp.port())
            .with(exApp);
  }

  private Upstreams direct() {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), exApp.port());
    return whose -> Future.succeededFuture(new TcpUpstream(address, Duration.ofSeconds(30)));
  }

  /** As a tunnel whose client is yet to open a connection. */
  private Upstreams late() {
    return whose -> {
      if (!whose.id().text().equals("app")) {
        return direct().locate(whose);
      }
      asked.countDown();
      return isFound.future().compose(found -> direct().locate(whose));
    };
  }

  private static Timeouts halfClosed(Duration limit) {
    return TestTimeouts.upgraded(new Upgraded(Duration.ofMinutes(30), limit));
  }

  /** Whoever was read before this has been seen: each event loop has read something since. */
  private void serveOthers() throws Exception {
    for (int i = 0; i < 32; i++) {
      try (var other = proxy.connect()) {
        other.send("GET /exapps/other/x HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(other.readResponse().text()).isEqualTo("ok");
      }
    }
    proxy.forgetRecords();
  }

  static Stream<Arguments> requests() {
    return HoardingClientsTest.transports()
        .flatMap(
            transport ->
                Stream.of(GET, POST, POST + GET).map(request -> arguments(transport, request)));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void itsEndMayComeBeforeThereIsAConnectionToTheExApp(TransportChoice transport, String request)
      throws Exception {
    start(transport, new Timeouts(), late());
    try (var client = proxy.connect()) {
      client.send(request);
      client.socket().shutdownOutput();
      assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
      serveOthers();
      isFound.complete();

      assertThat(client.readResponse().text()).isEqualTo("ok");
      assertThat(client.readToEnd().endsWith("ok")).isEqualTo(request.endsWith(POST + GET));
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void itsAnswerMayTakeItsTime(TransportChoice transport) throws Exception {
    var idleFor = Duration.ofSeconds(3);
    var isTime = new CountDownLatch(1);
    exApp.play(
        connection -> {
          connection.readRequest();
          isTime.await(30, TimeUnit.SECONDS);
          connection.send(OK);
        });
    start(transport, TestTimeouts.client(idleFor), direct());
    try (var client = proxy.connect();
        var idle = proxy.connect()) {
      client.send(GET);
      client.socket().shutdownOutput();
      assertThat(idle.readToEnd()).as("idle for " + idleFor).isEmpty();
      isTime.countDown();

      assertThat(client.readToEnd()).endsWith("ok");
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void itsEndMayComeWithinTheAnswer(TransportChoice transport) throws Exception {
    var isTime = new CountDownLatch(1);
    exApp.play(
        connection -> {
          connection.readRequest();
          connection.send(OK.substring(0, OK.length() - 1));
          isTime.await(30, TimeUnit.SECONDS);
          connection.send("k");
        });
    start(transport, new Timeouts(), direct());
    try (var client = proxy.connect()) {
      client.send(GET);
      assertThat(client.readHead().status()).isEqualTo(200);
      client.socket().shutdownOutput();
      isTime.countDown();

      assertThat(client.readToEnd()).isEqualTo("ok");
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void aBodyThatItEndsShortIsNoRequest(TransportChoice transport) throws Exception {
    var received = new CompletableFuture<String>();
    exApp.play(connection -> received.complete(connection.readToEnd()));
    start(transport, new Timeouts(), late());
    try (var client = proxy.connect()) {
      client.send(POST.substring(0, POST.length() - 1));
      client.socket().shutdownOutput();
      assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
      isFound.complete();

      assertThat(client.readToEnd()).isEmpty();
      assertThat(proxy.nextRecord().failure().kind()).isEqualTo(Kind.CLIENT_GONE);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void oneThatIsGoneIsGivenUpAtOnceWhenThatShowsAndElseAfterAWhile(TransportChoice transport)
      throws Exception {
    exApp.play(
        connection -> {
          connection.readRequest();
          asked.countDown();
          connection.readToEnd();
        });
    start(transport, halfClosed(Duration.ZERO), direct());
    var client = proxy.connect();
    client.send(GET);
    assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
    client.reset();
    assertThat(proxy.nextRecord().failure().kind()).isEqualTo(Kind.CLIENT_GONE);
    proxy.close();

    start(transport, halfClosed(SHORT), direct());
    try (var silent = proxy.connect()) {
      silent.send(GET);
      silent.socket().shutdownOutput();
      assertThat(silent.readToEnd()).isEmpty();
      assertThat(proxy.nextRecord().failure().kind()).isEqualTo(Kind.CLIENT_GONE);
    }
  }
}
