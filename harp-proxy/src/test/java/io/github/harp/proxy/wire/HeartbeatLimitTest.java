// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.harp.proxy.forward.UpstreamRemarks;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** F10: heartbeats, which have a limit of their own, and ExApps that leave them unanswered. */
class HeartbeatLimitTest extends BeforeOneExApp {

  @Test
  @DisplayName("F10: a heartbeat that nobody answers is over soon, and only a heartbeat")
  void aHeartbeatHasALimitOfItsOwn() throws Exception {
    start(TestTimeouts.heartbeat(SHORT));
    var beaten = new CountDownLatch(1);
    exApp.play(
        connection -> {
          if (connection.readHead().target().equals("/slow")) {
            beaten.await(30, TimeUnit.SECONDS);
            connection.send(OK);
          }
          connection.readToEnd();
        });
    try (var slow = proxy.connect();
        var client = proxy.connect()) {
      slow.send(signed("/slow", "127.0.0.1", exApp.port()));
      await().until(() -> exApp.connections() == 1);
      client.send(heartbeat());
      assertThat(client.readResponse().status()).isEqualTo(504);
      assertThat(proxy.nextRecord().failure().message()).contains("heartbeat");
      beaten.countDown();
      assertThat(slow.readResponse().text()).isEqualTo("ok");
    }
  }

  @Test
  @DisplayName("F10: the limit ends with the first byte of the answer")
  void aHeartbeatThatIsAnsweredSlowlyIsAnswered() throws Exception {
    start(TestTimeouts.heartbeat(SHORT));
    var cut = new CountDownLatch(1);
    exApp.play(
        connection -> {
          if (connection.readHead().target().equals("/heartbeat")) {
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no");
            cut.await(30, TimeUnit.SECONDS);
            connection.send("k");
          }
          connection.readToEnd();
        });
    try (var client = proxy.connect();
        var other = proxy.connect()) {
      client.send(heartbeat());
      assertThat(client.readHead().status()).isEqualTo(200);
      // As long as the limit is: another ExApp's heartbeat runs into it meanwhile.
      exApp.play(RawConnection::readToEnd);
      other.send(heartbeat());
      assertThat(other.readResponse().status()).isEqualTo(504);
      cut.countDown();
      assertThat(new String(client.in().readNBytes(2))).isEqualTo("ok");
    }
  }

  @Test
  @DisplayName("F10: the log says once that an ExApp gave not one byte")
  void anExAppThatGivesNotOneByteIsNamed() throws Exception {
    var log = (ch.qos.logback.classic.Logger) LoggerFactory.getLogger(UpstreamRemarks.class);
    var remarks = new ListAppender<ILoggingEvent>();
    remarks.start();
    log.addAppender(remarks);
    try {
      start(TestTimeouts.heartbeat(SHORT));
      exApp.play(RawConnection::readToEnd);
      try (var client = proxy.connect()) {
        for (int i = 0; i < 3; i++) {
          client.send(heartbeat());
          assertThat(client.readResponse().status()).isEqualTo(504);
        }
      }
      assertThat(remarks.list).hasSize(1);
      assertThat(remarks.list.get(0).getFormattedMessage())
          .contains("ExApp app at tcp://127.0.0.1:", "not one byte", "GET /exapps/app/heartbeat");
    } finally {
      log.detachAppender(remarks);
    }
  }

  private String heartbeat() {
    return signed("/heartbeat", "127.0.0.1", exApp.port());
  }

  private static String signed(String path, String host, int port) {
    return "GET /exapps/app"
        + path
        + " HTTP/1.1\r\nHost: h\r\nharp-shared-key: "
        + TestProxy.KEY
        + "\r\nex-app-id: app\r\nex-app-version: 1\r\nauthorization-app-api: YTpi\r\nex-app-host: "
        + (host + "\r\nex-app-port: " + port + "\r\n\r\n");
  }
}
