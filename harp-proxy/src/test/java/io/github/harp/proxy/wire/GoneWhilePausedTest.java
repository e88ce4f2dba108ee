// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.awaitility.Awaitility.await;

import io.github.harp.proxy.HarpProxyOptions.Timeouts;
import io.github.harp.proxy.HarpProxyOptions.Timeouts.ToUpstream;
import io.github.harp.proxy.HarpProxyOptions.Timeouts.Upgraded;
import io.github.harp.proxy.transport.TransportChoice;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that are reset while nothing of them is read, since what they sent is not taken. */
class GoneWhilePausedTest {

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
    goneAfter(
        "GET /exapps/app/x HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        transport);
  }

  private static void goneAfter(String head, TransportChoice transport) throws Exception {
    var over = new CountDownLatch(1);
    var hour = Duration.ofHours(1);
    var product = new Timeouts();
    var timeouts =
        new Timeouts(
            hour,
            new ToUpstream(product.upstream().connect(), hour),
            new Upgraded(hour, product.upgraded().halfClosed()));
    try (var exApp = new ScriptedServer(connection -> takeNothing(connection, over));
        var proxy =
            TestProxy.start(TestProxy.options().transport(transport).timeouts(timeouts))
                .with(exApp);
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

  private static void takeNothing(RawConnection connection, CountDownLatch over) throws Exception {
    if (connection.readHead().get("upgrade") != null) {
      connection.send(
          "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
    }
    over.await();
  }
}
