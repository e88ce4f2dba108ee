// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.transport.TransportChoice;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** S4: where the client is what blocks, its limit counts and not that of the ExApp. */
class SlowClientsTest {

  private static final byte[] BLOCK = new byte[64 * 1024];
  private static final int MOST_ON_ITS_WAY = 1024 * 1024;

  private final AtomicInteger ended = new AtomicInteger();
  private ScriptedServer exApp;
  private TestProxy proxy;

  @BeforeEach
  void start() throws Exception {
    exApp = new ScriptedServer(this::pour);
    proxy = proxy(Duration.ofMillis(400));
  }

  private TestProxy proxy(Duration clientLimit) throws Exception {
    var limits = TestTimeouts.clientAndServer(clientLimit, Duration.ofHours(1));
    return TestProxy.start(TestProxy.options().timeouts(limits)).with(exApp);
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    exApp.close();
  }

  /** An answer without an end. */
  private void pour(RawConnection connection) throws Exception {
    try {
      connection.readHead();
      connection.send("HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n");
      while (true) {
        connection.send(BLOCK);
      }
    } finally {
      ended.incrementAndGet();
    }
  }

  @Test
  @DisplayName("S4: HTTP/1.1, nothing of the answer is read")
  void nothingIsReadOfAnAnswer() throws Exception {
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/ HTTP/1.1\r\nHost: h\r\n\r\n");

      assertTimedOut();
    }
  }

  @Test
  @DisplayName("S4: HTTP/2, no window for the answer")
  void noWindowForTheAnswer() throws Exception {
    try (var client = new Http2Client(proxy.address())) {
      var stream = client.open(Http2Client.get("/exapps/app/"), true);
      stream.channel().config().setAutoRead(false);

      assertTimedOut();
    }
  }

  @Test
  @DisplayName("S4: a slow client that goes on reading is not cut off")
  void aSlowClientThatReads() throws Exception {
    // Long enough for this thread to get its turn on a busy machine.
    var limit = Duration.ofSeconds(2);
    try (var patient = proxy(limit);
        var client = patient.connect()) {
      client.socket().setReceiveBufferSize(16 * 1024);
      client.send("GET /exapps/app/ HTTP/1.1\r\nHost: h\r\n\r\n");
      client.readHead();
      long until = System.nanoTime() + limit.multipliedBy(3).toNanos();
      while (System.nanoTime() < until) {
        client.in().skipNBytes(64 * 1024);
      }

      assertThat(ended).hasValue(0);
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.harp.proxy.wire.HoardingClientsTest#transports")
  @DisplayName("F3: the kernel keeps little of an answer, so that who reads slowly is seen to move")
  void littleIsOnItsWay(TransportChoice transport) throws Exception {
    var options = TestProxy.options().transport(transport);
    try (var proxy = TestProxy.start(options).with(exApp);
        var socket = new Socket()) {
      socket.setReceiveBufferSize(16 * 1024);
      socket.connect(proxy.address());
      var client = new RawConnection(socket);
      client.send("GET /exapps/app/ HTTP/1.1\r\nHost: h\r\n\r\n");
      client.readHead();
      client.in().skipNBytes(MOST_ON_ITS_WAY);
      await().until(() -> proxy.proxy().heldBytes() > 0);
      socket.close();

      assertThat(proxy.nextRecord().bytesOut()).isLessThan(2 * MOST_ON_ITS_WAY);
    }
  }

  @Test
  @DisplayName("S4: Expect: 100-continue, and no body")
  void aBodyThatIsAnnouncedAndDoesNotCome() throws Exception {
    exApp.play(
        connection -> {
          try {
            connection.readHead();
            connection.in().read();
          } finally {
            ended.incrementAndGet();
          }
        });
    try (var client = proxy.connect()) {
      client.send(
          "POST /exapps/app/ HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n"
              + "Expect: 100-continue\r\n\r\n");

      assertThat(client.readResponse().status()).isEqualTo(408);
      assertTimedOut();
    }
  }

  private void assertTimedOut() throws Exception {
    await().until(() -> ended.get() == 1);
    var failure = proxy.nextRecord().failure();
    assertThat(failure).isNotNull();
    assertThat(failure.kind()).isEqualTo(Kind.CLIENT_TIMEOUT);
  }
}
