// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.HarpProxyOptions.Limits;
import io.netty.handler.codec.http2.Http2Error;
import io.vertx.core.Vertx;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Starting, stopping, and the limits in between. */
class LifeCycleTest {

  private static final String GET = "GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  private static final Duration LONG = Duration.ofSeconds(15);

  private ScriptedServer exApp;

  @BeforeEach
  void start() throws Exception {
    exApp = new ScriptedServer(ScriptedServer.answering(OK));
  }

  @AfterEach
  void stop() throws Exception {
    exApp.close();
  }

  @Test
  void stoppingLetsARequestEndAndClosesItsConnection() throws Exception {
    var arrived = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    exApp.play(
        connection -> {
          connection.readRequest();
          arrived.countDown();
          go.await();
          connection.send(OK);
          connection.readToEnd();
        });
    var proxy = TestProxy.start().with(exApp);
    try (var idle = proxy.connect();
        var busy = proxy.connect()) {
      busy.send(GET);
      arrived.await();
      var stopped = proxy.proxy().stop(LONG);

      assertThat(idle.readToEnd()).isEmpty();
      await().until(() -> refusesConnections(proxy));
      go.countDown();
      var answer = busy.readResponse();
      assertThat(answer.text()).isEqualTo("ok");
      assertThat(answer.head().get("connection")).isEqualTo("close");
      assertThat(busy.readToEnd()).isEmpty();
      TestProxy.await(stopped);
    }
  }

  @Test
  void beforeItStopsAllAreServedAndToldToGoElsewhere() throws Exception {
    try (var proxy = TestProxy.start().with(exApp);
        var kept = proxy.connect();
        var idle = proxy.connect()) {
      assertThat(kept.send(GET).readResponse().head().get("connection")).isNull();

      proxy.proxy().announceEnd();

      for (var connection : List.of(kept, idle, proxy.connect())) {
        var answer = connection.send(GET).readResponse();
        assertThat(answer.text()).isEqualTo("ok");
        assertThat(answer.head().get("connection")).isEqualTo("close");
        assertThat(connection.readToEnd()).isEmpty();
      }
    }
  }

  private static boolean refusesConnections(TestProxy proxy) throws Exception {
    try (var late = proxy.connect()) {
      return false;
    } catch (ConnectException refused) {
      return true;
    }
  }

  @Test
  void stoppingEndsStreamsOfEventsAndTunnelsWhenNothingElseIsUnderWay() throws Exception {
    exApp.play(
        connection -> {
          var head = connection.readHead();
          connection.send(
              head.get("upgrade") == null
                  ? "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
                  : "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
          connection.readToEnd();
        });
    var proxy = TestProxy.start().with(exApp);
    try (var events = proxy.connect();
        var tunnel = proxy.connect()) {
      events.send(GET);
      assertThat(events.readHead().status()).isEqualTo(200);
      tunnel.send(
          "GET /exapps/app/x HTTP/1.1\r\n"
              + "Host: h\r\n"
              + "Connection: upgrade\r\n"
              + "Upgrade: websocket\r\n\r\n");
      assertThat(tunnel.readHead().status()).isEqualTo(101);

      TestProxy.await(proxy.proxy().stop(Duration.ofMinutes(5)));
      assertThat(events.readToEnd()).doesNotContain("0\r\n");
    }
  }

  @Test
  void stoppingASecondTimeChangesNothing() throws Exception {
    var proxy = TestProxy.start();
    TestProxy.await(proxy.proxy().stop(Duration.ZERO));

    TestProxy.await(proxy.proxy().stop(Duration.ofMinutes(5)));
    assertThat(refusesConnections(proxy)).isTrue();
  }

  @Test
  void atTheEndOfTheGraceEverythingIsCut() throws Exception {
    exApp.play(RawConnection::readToEnd);
    var proxy = TestProxy.start().with(exApp);
    try (var client = proxy.connect()) {
      client.send(GET);
      await().until(() -> exApp.connections() == 1);

      TestProxy.await(proxy.proxy().stop(Duration.ofMillis(100)));
      assertThat(client.readToEnd()).isIn("", "<reset>");
    }
  }

  @Test
  void anHttp2ConnectionIsToldToGoAway() throws Exception {
    var proxy = TestProxy.start().with(exApp);
    try (var client = new Http2Client(proxy.address())) {
      assertThat(client.open(Http2Client.get("/exapps/app/x"), true).headers()).isNotNull();
      TestProxy.await(proxy.proxy().stop(LONG));

      assertThat(client.goAway().errorCode()).isEqualTo(Http2Error.NO_ERROR.code());
    }
  }

  @Test
  void atTheEndOfTheGraceAnHttp2ConnectionIsCutWithItsStreams() throws Exception {
    exApp.play(RawConnection::readToEnd);
    var proxy = TestProxy.start().with(exApp);
    try (var client = new Http2Client(proxy.address())) {
      client.open(Http2Client.get("/exapps/app/x"), true);
      await().until(() -> exApp.connections() == 1);

      TestProxy.await(proxy.proxy().stop(Duration.ofMillis(100)));
      assertThat(client.goAway().errorCode()).isEqualTo(Http2Error.NO_ERROR.code());
      await().until(() -> !client.connection().isActive());
    }
  }

  @Test
  void aHostsVertxIsUsedAndLeftAlone() throws Exception {
    var vertx = Vertx.vertx();
    try {
      var proxy = TestProxy.start(TestProxy.options(), builder -> builder.vertx(vertx)).with(exApp);
      try (var client = proxy.connect()) {
        client.send(GET);
        assertThat(client.readResponse().text()).isEqualTo("ok");
      }
      assertThat(proxy.proxy().vertx()).isSameAs(vertx);
      proxy.close();

      assertThat(TestProxy.<String>await(vertx.executeBlocking(() -> "alive"))).isEqualTo("alive");
    } finally {
      TestProxy.await(vertx.close());
    }
  }

  @Test
  void aPortInUseIsNamedInTheError() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), taken.getLocalPort());

      assertThatThrownBy(() -> TestProxy.start(HarpProxyOptions.builder().listen(address)))
          .rootCause()
          .satisfies(root -> assertThat(root).isNotNull());
      assertThatThrownBy(() -> TestProxy.start(HarpProxyOptions.builder().listen(address)))
          .hasMessageContaining("can't listen on")
          .hasMessageContaining(String.valueOf(taken.getLocalPort()));
    }
  }

  @Test
  void connectionsBeyondTheLimitWaitUntilOthersEnd() throws Exception {
    var limits = new Limits(2, new Limits.Requests());
    try (var proxy = TestProxy.start(TestProxy.options().limits(limits)).with(exApp)) {
      var first = proxy.connect();
      var second = proxy.connect();
      await().until(() -> proxy.proxy().openConnections() == 2);
      try (var third = proxy.connect()) {
        third.send(GET);
        third.socket().setSoTimeout(300);
        assertThatThrownBy(third::readHead).isInstanceOf(java.net.SocketTimeoutException.class);
        first.close();
        second.close();
        third.socket().setSoTimeout(10_000);
        assertThat(third.readResponse().text()).isEqualTo("ok");
      }
    }
  }
}
