// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.proxy.budget.Budget;
import io.github.harp.proxy.budget.BudgetLimit;
import io.github.harp.proxy.budget.ClientBudget;
import io.github.harp.proxy.transport.TransportChoice;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** S1: what is refused while memory is short, and to whom. */
class ShortMemoryTest {

  private static final String LARGE = "X-Large: " + "x".repeat(8 * 1024) + "\r\n";
  private static final String KEYED = "HARP-SHARED-KEY: " + TestProxy.KEY + "\r\n";

  private BudgetedFrontend frontend;

  @BeforeEach
  void start() {
    frontend = new BudgetedFrontend(500);
  }

  @AfterEach
  void stop() {
    frontend.close();
  }

  private RawConnection.Message ask(String path, String headers) throws Exception {
    try (var client = RawConnection.to(frontend.address())) {
      client.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n");
      return client.readResponse();
    }
  }

  @DisplayName("S1: once memory is exhausted new requests are 503, but for callers with the key")
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingIsBegunThatCouldNotBeEnded(boolean ofBuffers) throws Exception {
    Function<ClientBudget, Budget> budget =
        ofBuffers ? ClientBudget::buffers : ClientBudget::requests;
    var exhausted = budget.apply(frontend.budget());
    long most = 2 * BudgetLimit.of(exhausted);
    exhausted.add(most);

    var refused = ask("/exapps/none/x", "");
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.head().get("retry-after")).isNotNull();
    assertThat(ask("/exapps/app_api/info", KEYED).text()).isEqualTo("0 bytes");

    exhausted.add(-most);
    assertThat(ask("/exapps/none/x", "").status()).isEqualTo(404);
  }

  @Test
  @DisplayName("S1: while heads take too much, requests with a large one are 503")
  void largeHeadsAreRefusedFirst() throws Exception {
    var heads = frontend.budget().requests();
    heads.add(BudgetLimit.of(heads));

    assertThat(ask("/exapps/none/x", LARGE).status()).isEqualTo(503);
    assertThat(ask("/exapps/none/x", "").status()).isEqualTo(404);
    assertThat(ask("/exapps/app_api/info", KEYED + LARGE).text()).isEqualTo("0 bytes");
  }

  @Test
  @DisplayName(
      "S1: where memory is urgent half a head does not wait for its rest, unless it is small")
  void halfAHeadIsRefused() throws Exception {
    var buffers = frontend.budget().buffers();
    buffers.add(BudgetLimit.urgent(buffers));
    try (var large = RawConnection.to(frontend.address());
        var small = RawConnection.to(frontend.address())) {
      small.send("GET /exapps/none/x HTTP/1.1\r\nHost: h\r\nX-Small: x");
      large.send("GET /exapps/none/x HTTP/1.1\r\nHost: h\r\n" + LARGE);

      assertThat(large.readResponse().status()).isEqualTo(503);
      assertThat(large.readToEnd()).isEmpty();
      small.send("\r\n\r\n");
      assertThat(small.readResponse().status()).isEqualTo(404);
    }
  }

  @DisplayName("S1: where memory is urgent half a frame or header block of HTTP/2 does not wait")
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void halfAFrameIsCutOff(boolean ofBlock) throws Exception {
    var buffers = frontend.budget().buffers();
    buffers.add(BudgetLimit.urgent(buffers));
    var payload = new byte[8 * 1024];
    // HEADERS of stream 1: whole without END_HEADERS, or with a payload that is longer than what
    // comes.
    var length = ofBlock ? payload.length : payload.length + 1;
    var header =
        new byte[] {(byte) (length >> 16), (byte) (length >> 8), (byte) length, 1, 0, 0, 0, 0, 1};
    try (var client = RawConnection.to(frontend.address())) {
      client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      client.send(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
      client.send(header);
      client.send(payload);

      client.readToEnd();
      // At once, rather than as one of those that stood still for too long.
      assertThat(frontend.budget().shed()).isZero();
    }
  }

  @DisplayName("S1: who goes away amid what is not read on keeps no place until it is shed")
  @ParameterizedTest
  @MethodSource("io.github.harp.proxy.wire.HoardingClientsTest#transports")
  void goneAmidAHandshake(TransportChoice transport, @TempDir Path folder) throws Exception {
    var pem = folder.resolve("cert.pem");
    var pair = PemText.keyPair("EC");
    Files.writeString(pem, PemText.certificate(pair, "one") + PemText.key(pair, "PKCS#8"));
    var hour = Duration.ofHours(1);
    var options =
        TestProxy.options().transport(transport).timeouts(TestTimeouts.clientAndServer(hour, hour));
    try (var door = new BudgetedFrontend(500, options)) {
      var buffers = door.budget().buffers();
      buffers.add(BudgetLimit.of(buffers));
      long before = buffers.used();
      // A record of 16 KiB with a ClientHello of nearly as many: RFC 8446, sections 5.1 and 4.1.2.
      var half = new byte[15_000];
      System.arraycopy(new byte[] {22, 3, 1, 0x40, 0, 1, 0, 0x3f, -4, 3, 3}, 0, half, 0, 11);
      var client = RawConnection.to(door.listenTls(pem)).send(half);
      await().until(() -> buffers.used() > before + 4 * 1024);

      client.reset();
      await().until(() -> door.openConnections() == 0);
      assertThat(door.budget().shed()).isZero();
    }
  }

  @Test
  @DisplayName("S1: the bodies of all orders of a Nextcloud have a limit")
  void bodiesOfOrdersShareALimit() throws Exception {
    var order =
        "POST /exapps/app_api/x HTTP/1.1\r\nHost: h\r\n" + KEYED + "Content-Length: 300\r\n\r\n";
    try (var first = RawConnection.to(frontend.address());
        var second = RawConnection.to(frontend.address())) {
      first.send(order + "x".repeat(299));
      await().until(() -> refused(order));

      first.send("x");
      assertThat(first.readResponse().text()).isEqualTo("300 bytes");
      second.send(order + "x".repeat(299));
      await().until(() -> refused(order));
      second.reset();
      await().until(() -> !refused(order));
    }
  }

  private boolean refused(String order) throws Exception {
    try (var client = RawConnection.to(frontend.address())) {
      client.send(order + "x".repeat(300));
      return client.readResponse().status() == 503;
    }
  }
}
