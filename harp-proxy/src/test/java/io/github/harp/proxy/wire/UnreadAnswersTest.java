// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** S1: answers that HaRP gives itself are held back, as those of ExApps are. */
class UnreadAnswersTest {

  private static final int REQUESTS = 50_000;
  private static final long MOST_BYTES = 1024 * 1024;

  /** Refused; with the key, so that nobody is banned for it. */
  private static final String REQUEST =
      "GET /nothing HTTP/1.1\r\nHost: h\r\nharp-shared-key: " + TestProxy.KEY + "\r\n\r\n";

  @ParameterizedTest(name = "ends its half: {0}")
  @ValueSource(booleans = {false, true})
  @DisplayName("S1: a client that sends refused requests and reads none of the answers is not read")
  void refusalsThatNobodyReads(boolean endsItsHalf) throws Exception {
    try (var proxy = TestProxy.start();
        var client = new RawConnection(slowSocket(proxy.address()))) {
      var sent = CompletableFuture.runAsync(() -> sendAll(client, endsItsHalf));
      await().until(() -> proxy.proxy().heldBytes() > 0);
      long most = 0;
      for (int i = 0; i < REQUESTS; i++) {
        assertThat(client.readResponse().status()).isEqualTo(404);
        most = Math.max(most, proxy.proxy().heldBytes());
      }

      sent.join();
      assertThat(most).isLessThan(MOST_BYTES);
      if (endsItsHalf) {
        assertThat(client.in().read()).isEqualTo(-1);
      }
    }
  }

  private static Socket slowSocket(InetSocketAddress address) throws Exception {
    var socket = new Socket();
    socket.setReceiveBufferSize(4096);
    socket.connect(address);
    return socket;
  }

  private static void sendAll(RawConnection client, boolean endsItsHalf) {
    try {
      for (int i = 0; i < REQUESTS / 100; i++) {
        client.send(REQUEST.repeat(100));
      }
      if (endsItsHalf) {
        client.socket().shutdownOutput();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
