// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.HarpProxyOptions.Timeouts;
import io.github.harp.proxy.HarpProxyOptions.Timeouts.ToUpstream;
import io.github.harp.proxy.HarpProxyOptions.Timeouts.Upgraded;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets and everything else that starts with an Upgrade. */
class UpgradeTest {

  private static final String HANDSHAKE =
      "GET /exapps/app/ws HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\n"
          + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: abc\r\n"
          + "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
  private static final String SWITCHING =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Accept: xyz\r\nSec-WebSocket-Protocol: chat\r\n\r\n";

  private ScriptedServer exApp;
  private TestProxy proxy;

  @BeforeEach
  void start() throws Exception {
    exApp = new ScriptedServer(connection -> {});
    proxy = TestProxy.start().with(exApp);
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    assertThat(exApp.problems()).isEmpty();
    exApp.close();
  }

  /** Accepts the upgrade and sends everything back. */
  private void echo() {
    exApp.play(
        connection -> {
          var head = connection.readHead();
          assertThat(head.get("connection")).isEqualTo("Upgrade");
          assertThat(head.get("upgrade")).isEqualTo("websocket");
          assertThat(head.get("sec-websocket-protocol")).isEqualTo("chat");
          assertThat(head.get("sec-websocket-extensions")).isEqualTo("permessage-deflate");
          connection.send(SWITCHING);
          connection.in().transferTo(connection.out());
        });
  }

  @Test
  void bytesPassUntouchedInBothDirectionsAfterA101() throws Exception {
    echo();
    try (var client = proxy.connect()) {
      client.send(HANDSHAKE);
      var head = client.readHead();
      assertThat(head.status()).isEqualTo(101);
      assertThat(head.get("connection")).isEqualTo("Upgrade");
      assertThat(head.get("sec-websocket-accept")).isEqualTo("xyz");
      for (int i = 0; i < 10; i++) {
        client.send("message " + i);
        assertThat(new String(client.in().readNBytes(9))).isEqualTo("message " + i);
      }
    }
    var record = proxy.nextRecord();
    assertThat(record.upgraded()).isTrue();
    assertThat(record.status()).isEqualTo(101);
    assertThat(record.bytesIn()).isEqualTo(90);
    assertThat(record.bytesOut()).isEqualTo(90);
  }

  @Test
  void bytesThatFollowTheHandshakeAtOnceAreKeptForTheTunnel() throws Exception {
    echo();
    try (var client = proxy.connect()) {
      client.send(HANDSHAKE + "early");

      assertThat(client.readHead().status()).isEqualTo(101);
      assertThat(new String(client.in().readNBytes(5))).isEqualTo("early");
    }
  }

  @Test
  void bytesThatTheExAppSendsWithThe101Arrive() throws Exception {
    exApp.play(
        connection -> {
          connection.readHead();
          connection.send(SWITCHING + "welcome");
          connection.readToEnd();
        });
    try (var client = proxy.connect()) {
      client.send(HANDSHAKE);

      assertThat(client.readHead().status()).isEqualTo(101);
      assertThat(new String(client.in().readNBytes(7))).isEqualTo("welcome");
    }
  }

  @Test
  void megabytesPassWhileTheReaderIsSlow() throws Exception {
    var block = new byte[32 * 1024 * 1024];
    new java.util.Random(1).nextBytes(block);
    echo();
    try (var client = proxy.connect()) {
      client.send(HANDSHAKE);
      client.readHead();
      var writer =
          CompletableFuture.runAsync(
              () -> {
                try {
                  client.send(block);
                } catch (java.io.IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      var received = client.in().readNBytes(block.length);
      writer.get(30, TimeUnit.SECONDS);

      assertThat(sum(received)).isEqualTo(sum(block));
    }
  }

  private static long sum(byte[] bytes) {
    var crc = new CRC32();
    crc.update(bytes);
    return crc.getValue();
  }

  @Test
  void aRefusedUpgradeIsAnOrdinaryAnswerAndWhatFollowsIsARequest() throws Exception {
    exApp.play(ScriptedServer.answering("HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno"));
    try (var client = proxy.connect()) {
      client.send(HANDSHAKE + "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n");

      assertThat(client.readResponse().status()).isEqualTo(403);
      assertThat(client.readResponse().status()).isEqualTo(404);
    }
  }

  @ParameterizedTest
  @DisplayName("S17: what is not allowed to be switched to goes on as a plain request")
  @ValueSource(
      strings = {
        "h2c",
        "TLS/1.2",
        "HTTP/2.0",
        "h2c, TLS/1.3",
        "tcp",
        "connect-udp",
        "websocket/13"
      })
  void anUpgradeToAnotherProtocolGoesOnAsAPlainRequest(String protocols) throws Exception {
    var received = exApp.capture("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    try (var client = proxy.connect()) {
      client.send(
          "GET /exapps/app/x HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\n"
              + ("Upgrade: " + protocols + "\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"));

      assertThat(client.readResponse().text()).isEqualTo("ok");
      assertThat(received.get().head().all("upgrade")).isEmpty();
      assertThat(received.get().head().all("connection")).isEmpty();
      assertThat(received.get().head().all("http2-settings")).isEmpty();
    }
  }

  @Test
  @DisplayName("S17: which protocols may be switched to is configured")
  void aConfiguredProtocolIsSwitchedTo() throws Exception {
    proxy.close();
    var protocols = new HarpProxyOptions.Protocols(java.util.Set.of("tcp"), false);
    proxy = TestProxy.start(TestProxy.options().protocols(protocols)).with(exApp);
    exApp.play(
        connection -> {
          assertThat(connection.readHead().get("upgrade")).isEqualTo("TCP");
          connection.send("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
          connection.in().transferTo(connection.out());
        });
    try (var client = proxy.connect()) {
      client.send(
          "GET /exapps/app/x HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
              + "Upgrade: websocket, TCP, h2c\r\n\r\nhello");

      assertThat(client.readHead().status()).isEqualTo(101);
      assertThat(new String(client.in().readNBytes(5))).isEqualTo("hello");
    }
  }

  @Test
  void theEndOfOneSideReachesTheOther() throws Exception {
    var seen = new CompletableFuture<String>();
    exApp.play(
        connection -> {
          connection.readHead();
          connection.send(SWITCHING);
          seen.complete(connection.readToEnd());
          connection.send("last words");
        });
    try (var client = proxy.connect()) {
      client.send(HANDSHAKE);
      client.readHead();
      client.send("bye");
      client.socket().shutdownOutput();

      assertThat(client.readToEnd()).isEqualTo("last words");
      assertThat(seen.get(30, TimeUnit.SECONDS)).isEqualTo("bye");
    }
  }

  @Test
  void aTunnelThatIsHalfClosedEndsAfterItsLimit() throws Exception {
    proxy.close();
    var timeouts = TestTimeouts.upgraded(new Upgraded(Duration.ZERO, Duration.ofMillis(200)));
    proxy = TestProxy.start(TestProxy.options().timeouts(timeouts)).with(exApp);
    exApp.play(
        connection -> {
          connection.readHead();
          connection.send(SWITCHING);
          connection.readToEnd();
          connection.in().read();
          TimeUnit.SECONDS.sleep(60);
        });
    try (var client = proxy.connect()) {
      client.send(HANDSHAKE);
      client.readHead();
      client.socket().shutdownOutput();

      assertThat(client.readToEnd()).isIn("", "<reset>");
    }
  }

  @Test
  void aSilentTunnelEndsAfterItsLimit() throws Exception {
    proxy.close();
    var timeouts = TestTimeouts.upgraded(new Upgraded(Duration.ofMillis(200)));
    proxy = TestProxy.start(TestProxy.options().timeouts(timeouts)).with(exApp);
    echo();
    try (var client = proxy.connect()) {
      client.send(HANDSHAKE);
      client.readHead();

      assertThat(client.readToEnd()).isEmpty();
      var failure = proxy.nextRecord().failure();
      assertThat(failure.kind()).isEqualTo(Kind.UPGRADE_TIMEOUT);
      assertThat(failure.message()).contains("HP_TIMEOUT_TUNNEL");
    }
  }

  @Test
  void theServersLimitDoesNotApplyToATunnel() throws Exception {
    proxy.close();
    var timeouts =
        new Timeouts(
            Duration.ofSeconds(2),
            new ToUpstream(Duration.ofSeconds(30), Duration.ofSeconds(2)),
            new Upgraded(Duration.ZERO));
    proxy = TestProxy.start(TestProxy.options().timeouts(timeouts)).with(exApp);
    echo();
    try (var client = proxy.connect()) {
      client.send(HANDSHAKE);
      client.readHead();
      TimeUnit.SECONDS.sleep(4);
      client.send("still here");

      assertThat(new String(client.in().readNBytes(10))).isEqualTo("still here");
    }
  }
}
