// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Port scanners and health checks of load balancers are nothing to write a stack trace about. */
class ResetAtOnceTest {

  private static final int TIMES = 500;

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void listen() {
    log.start();
    root().addAppender(log);
  }

  @AfterEach
  void stopListening() {
    root().detachAppender(log);
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  /** A reset that finds the connection accepted, half read, or still in the backlog. */
  private static void resetManyTimes(InetSocketAddress address, byte[] firstBytes)
      throws IOException {
    for (int i = 0; i < TIMES; i++) {
      try (var socket = new Socket()) {
        socket.setSoLinger(true, 0);
        socket.connect(address);
        if (i % 2 == 1) {
          socket.getOutputStream().write(firstBytes);
        }
      }
    }
  }

  private void assertNoStackTraces(TestProxy proxy) {
    await().until(() -> proxy.proxy().openConnections() == 0);
    assertThat(List.copyOf(log.list))
        .filteredOn(event -> event.getThrowableProxy() != null)
        .extracting(ILoggingEvent::getFormattedMessage)
        .isEmpty();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  @DisplayName("S14: a plain connection that is reset at once")
  void aPlainConnectionThatIsResetAtOnceIsNoStackTrace() throws Exception {
    try (var proxy = TestProxy.start()) {
      resetManyTimes(proxy.address(), bytes("GET /exapps/none/x HTTP/1.1\r\nHost: h\r\n\r\n"));
      resetManyTimes(proxy.address(), bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
      assertNoStackTraces(proxy);
    }
  }

  @Test
  @DisplayName("S14: a TLS connection that is reset at once")
  void aTlsConnectionThatIsResetAtOnceIsNoStackTrace(@TempDir Path folder) throws Exception {
    var pem = folder.resolve("cert.pem");
    var pair = PemText.keyPair("EC");
    Files.writeString(pem, PemText.certificate(pair, "one") + PemText.key(pair, "PKCS#8"));
    try (var proxy =
        TestProxy.start(
            TestProxy.options().tls(pem, TestProxy.options().build().listen().get(0)))) {
      var address = proxy.proxy().tlsAddresses().get(0);
      resetManyTimes(address, new byte[] {22, 3, 1, 2});
      resetManyTimes(address, bytes("GET / HTTP/1.1\r\n\r\n"));
      assertNoStackTraces(proxy);
    }
  }
}
