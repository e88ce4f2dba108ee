// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.HarpProxyOptions.Timeouts;
import io.github.harp.proxy.HarpProxyOptions.Timeouts.ToUpstream;
import io.github.harp.proxy.HarpProxyOptions.Timeouts.Upgraded;
import io.github.harp.proxy.transport.TransportChoice;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever is reset while nothing of it is read, since what it sent is not taken. */
class GoneWhilePausedTest {

  /** With as many that wait, a connection is read no more. */
  private static final int HTTP2_PARTS = 1_000;

  private static final String WEB_SOCKET =
      "GET /exapps/app/x HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
  private static final String SWITCHING =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";

  /** The JDK's own selectors tell nothing of a connection that is not read. */
  static Stream<TransportChoice> transports() {
    return HoardingClientsTest.transports().filter(choice -> choice != TransportChoice.NIO);
  }

  @DisplayName("S4: an upload that its ExApp does not take, and whose client is gone")
  @ParameterizedTest
  @MethodSource("transports")
  void upload(TransportChoice transport) throws Exception {
    goneAfter(
        "POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n", transport);
  }

  @DisplayName("S4: a WebSocket that its ExApp does not read, and whose client is gone")
  @ParameterizedTest
  @MethodSource("transports")
  void webSocket(TransportChoice transport) throws Exception {
    goneAfter(WEB_SOCKET, transport);
  }

  @DisplayName("S4: a WebSocket whose client reads nothing, and whose ExApp is gone")
  @ParameterizedTest
  @MethodSource("transports")
  void webSocketOfExApp(TransportChoice transport) throws Exception {
    try (var exApp = new ScriptedServer(GoneWhilePausedTest::sendUntilNothingIsTaken);
        var proxy = TestProxy.start(options(transport)).with(exApp);
        var client = SocketChannel.open(proxy.address())) {
      client.write(ByteBuffer.wrap(WEB_SOCKET.getBytes(StandardCharsets.US_ASCII)));
      await().until(() -> proxy.proxy().openUpgrades() == 1);
      await().until(() -> proxy.proxy().openUpgrades() == 0);
    }
  }

  @DisplayName("S4: a WebSocket that its ExApp does not read, and whose client has closed")
  @ParameterizedTest
  @MethodSource("transports")
  void webSocketClosed(TransportChoice transport) throws Exception {
    var over = new CountDownLatch(1);
    try (var exApp = new ScriptedServer(connection -> takeNothing(connection, over));
        var proxy = TestProxy.start(options(transport)).with(exApp)) {
      try (var client = proxy.connect()) {
        assertThat(client.send(WEB_SOCKET).readHead().status()).isEqualTo(101);
        sendUntilNothingIsRead(proxy, client);
      }
      await().until(() -> proxy.proxy().openConnections() == 0);
    } finally {
      over.countDown();
    }
  }

  @DisplayName("S4: a WebSocket whose client reads nothing, and whose ExApp has closed")
  @ParameterizedTest
  @MethodSource("transports")
  void webSocketClosedByExApp(TransportChoice transport) throws Exception {
    var started = new CompletableFuture<TestProxy>();
    try (var exApp =
            new ScriptedServer(
                connection -> {
                  connection.readHead();
                  connection.send(SWITCHING);
                  sendUntilNothingIsRead(started.join(), connection);
                });
        var proxy = TestProxy.start(options(transport)).with(exApp);
        var client = proxy.connect()) {
      client.socket().setReceiveBufferSize(4 * 1024);
      client.send(WEB_SOCKET);
      await().until(() -> proxy.proxy().openUpgrades() == 1);
      started.complete(proxy);
      await().until(() -> proxy.proxy().openUpgrades() == 0);
    }
  }

  @DisplayName("S4: HTTP/2 parts of a body that nobody takes, and whose client is gone")
  @ParameterizedTest
  @MethodSource("transports")
  void http2Parts(TransportChoice transport) throws Exception {
    http2PartsOfOneWho(Http2Client::reset, transport);
  }

  @DisplayName("S4: the same of one that has closed")
  @ParameterizedTest
  @MethodSource("transports")
  void http2PartsClosed(TransportChoice transport) throws Exception {
    http2PartsOfOneWho(client -> client.connection().close().syncUninterruptibly(), transport);
  }

  private static void http2PartsOfOneWho(Consumer<Http2Client> ends, TransportChoice transport)
      throws Exception {
    try (var proxy = TestProxy.start(options(transport)).asking(neverAnswering());
        var client = new Http2Client(proxy.address())) {
      var upload = client.open(Http2Client.request("POST", "/exapps/app/x"), false);
      for (int i = 0; i < HTTP2_PARTS; i++) {
        // What comes with one read becomes one part.
        upload.data("x", false);
        assertThat(client.answersPing(Duration.ofSeconds(30))).isTrue();
      }
      upload.data("x", false);
      await().until(() -> !client.answersPing(Duration.ofMillis(500)));

      ends.accept(client);
      // Before the question to Nextcloud is given up.
      await().atMost(Duration.ofSeconds(20)).until(() -> proxy.proxy().openConnections() == 0);
    }
  }

  @DisplayName("S4: a request whose client has closed behind others, which wait for its answer")
  @ParameterizedTest
  @MethodSource("transports")
  void pipelined(TransportChoice transport) throws Exception {
    var request = "GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n";
    var over = new CountDownLatch(1);
    try (var exApp = new ScriptedServer(connection -> takeNothing(connection, over));
        var proxy = TestProxy.start(options(transport)).with(exApp)) {
      try (var client = proxy.connect()) {
        client.send(request.repeat(2_000));
        await().until(() -> exApp.connections() == 1);
      }
      await().until(() -> proxy.proxy().openConnections() == 0);
    } finally {
      over.countDown();
    }
  }

  private static Nextcloud neverAnswering() {
    return new Nextcloud() {
      @Override
      public Future<Optional<ExApp>> exApp(AppId appId) {
        return Promise.<Optional<ExApp>>promise().future();
      }

      @Override
      public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
        return Promise.<Optional<NcUser>>promise().future();
      }
    };
  }

  /** Little by little, so that what is not read in the end leaves room for the news of an end. */
  private static void sendUntilNothingIsRead(TestProxy proxy, RawConnection sender)
      throws Exception {
    var piece = new byte[16 * 1024];
    while (proxy.proxy().heldBytes() < 4 * piece.length) {
      sender.send(piece);
      Thread.sleep(1);
    }
    long before;
    do {
      before = proxy.proxy().heldBytes();
      sender.send(piece);
      for (int i = 0; i < 200 && proxy.proxy().heldBytes() == before; i++) {
        Thread.sleep(5);
      }
    } while (proxy.proxy().heldBytes() != before);
  }

  private static void sendUntilNothingIsTaken(RawConnection connection) throws Exception {
    connection.readHead();
    connection.send(SWITCHING);
    var socket = connection.socket();
    var sent = new AtomicLong();
    var sender =
        new Thread(
            () -> {
              try {
                while (true) {
                  socket.getOutputStream().write(new byte[64 * 1024]);
                  sent.incrementAndGet();
                }
              } catch (IOException ended) {
                // Below.
              }
            });
    sender.start();
    long before = -1;
    while (before != sent.get()) {
      before = sent.get();
      Thread.sleep(500);
    }
    socket.setSoLinger(true, 0);
    socket.close();
    sender.join();
  }

  private static void goneAfter(String head, TransportChoice transport) throws Exception {
    var over = new CountDownLatch(1);
    try (var exApp = new ScriptedServer(connection -> takeNothing(connection, over));
        var proxy = TestProxy.start(options(transport)).with(exApp);
        var client = SocketChannel.open(proxy.address())) {
      client.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
      client.configureBlocking(false);
      var piece = ByteBuffer.allocate(1 << 20);
      await().during(Duration.ofMillis(500)).until(() -> client.write(piece.rewind()) == 0);

      client.socket().setSoLinger(true, 0);
      client.close();
      await().until(() -> proxy.proxy().openConnections() == 0);
    } finally {
      over.countDown();
    }
  }

  /**
   * Where nothing ends before an hour has passed; what is left for those who stay is not waited
   * for.
   */
  private static HarpProxyOptions.Builder options(TransportChoice transport) {
    var hour = Duration.ofHours(1);
    var product = new Timeouts();
    var timeouts =
        new Timeouts(
            hour,
            new ToUpstream(product.upstream().connect(), hour),
            new Upgraded(hour, Duration.ofSeconds(1)));
    return TestProxy.options().transport(transport).timeouts(timeouts);
  }

  private static void takeNothing(RawConnection connection, CountDownLatch over) throws Exception {
    // Of a fixed size: the kernel makes room little by little otherwise.
    connection.socket().setReceiveBufferSize(4 * 1024);
    if (connection.readHead().get("upgrade") != null) {
      connection.send(SWITCHING);
    }
    over.await();
  }
}
