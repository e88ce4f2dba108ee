// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.proxy.HarpProxyOptions.Timeouts.Upgraded;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.transport.TransportChoice;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that go before they have their answer, and those that only look like it. */
class VanishingClientsTest extends BeforeOneExApp {

  @ParameterizedTest
  @MethodSource("io.github.harp.proxy.wire.HoardingClientsTest#transports")
  @DisplayName("S1: a vanished client cancels the request at the ExApp, and keeps no port")
  void aVanishedClientCancelsTheRequestAtTheExApp(TransportChoice transport) throws Exception {
    var ended = new CompletableFuture<String>();
    var arrived = new CountDownLatch(1);
    exApp.play(
        connection -> {
          connection.readRequest();
          arrived.countDown();
          ended.complete(connection.readToEnd());
        });
    proxy.close();
    var timeouts = TestTimeouts.upgraded(new Upgraded(Duration.ofMinutes(30), SHORT));
    proxy =
        TestProxy.start(TestProxy.options().transport(transport).timeouts(timeouts)).with(exApp);
    var client = proxy.connect();
    client.send(GET);
    assertThat(arrived.await(30, TimeUnit.SECONDS)).isTrue();
    client.close();

    // The kernel keeps the ports of connections that we end, but not of those that we reset.
    assertThat(ended.get(30, TimeUnit.SECONDS)).isEqualTo("<reset>");
    assertThat(proxy.nextRecord().failure().kind()).isEqualTo(Kind.CLIENT_GONE);
  }

  @Test
  void aClientThatVanishesWithinItsBodyCancelsTheRequest() throws Exception {
    var received = new CompletableFuture<String>();
    exApp.play(connection -> received.complete(connection.readToEnd()));
    var client = proxy.connect();
    client.send("POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");
    await().until(() -> exApp.connections() == 1);
    client.close();

    assertThat(received.get(30, TimeUnit.SECONDS)).contains("half");
    assertThat(proxy.nextRecord().failure().kind()).isEqualTo(Kind.CLIENT_GONE);
  }

  @Test
  void aClientThatOnlyEndsItsSendingHalfGetsItsAnswer() throws Exception {
    exApp.play(
        connection -> {
          connection.readRequest();
          connection.send(OK);
        });
    try (var client = proxy.connect()) {
      client.send(GET);
      client.socket().shutdownOutput();

      assertThat(client.readToEnd()).endsWith("ok");
    }
  }

  @Test
  void pipelinedRequestsOfAClientThatHasEndedItsSendingHalfAreAllAnswered() throws Exception {
    try (var client = proxy.connect()) {
      client.send(GET.repeat(3) + "GET /exapps/app/cut HTTP/1.1\r\nHo");
      client.socket().shutdownOutput();

      for (int i = 0; i < 3; i++) {
        assertThat(client.readResponse().text()).isEqualTo("ok");
      }
      assertThat(client.readToEnd()).isEmpty();
    }
  }
}
