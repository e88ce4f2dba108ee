// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.proxy.RequestRecord.Failure.Kind;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Clients and ExApps that are too slow. */
class TimeLimitsTest extends BeforeOneExApp {

  /** Where the test itself has to be quicker than the limit. */
  private static final Duration AMPLE = Duration.ofSeconds(2);

  @Test
  void anUnfinishedHeadIsAnsweredWith408() throws Exception {
    start(TestTimeouts.client(AMPLE));
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n");

      assertThat(client.readResponse().status()).isEqualTo(408);
      assertThat(client.readToEnd()).isEmpty();
      assertThat(proxy.nextRecord().failure().message()).contains("HP_TIMEOUT_CLIENT");
    }
  }

  @Test
  void anIdleConnectionIsClosedSilently() throws Exception {
    start(TestTimeouts.client(AMPLE));
    try (var client = proxy.connect()) {
      assertThat(client.readToEnd()).isEmpty();
    }
    try (var client = proxy.connect()) {
      client.send(GET);
      assertThat(client.readResponse().text()).isEqualTo("ok");
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void anUnfinishedBodyIsAnsweredWith408() throws Exception {
    start(TestTimeouts.client(AMPLE));
    exApp.play(RawConnection::readToEnd);
    try (var client = proxy.connect()) {
      client.send("POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");

      assertThat(client.readResponse().status()).isEqualTo(408);
      assertThat(proxy.nextRecord().failure().kind()).isEqualTo(Kind.CLIENT_TIMEOUT);
    }
  }

  @Test
  void aSilentExAppIsAnsweredWith504() throws Exception {
    start(TestTimeouts.server(SHORT));
    exApp.play(RawConnection::readToEnd);
    try (var client = proxy.connect()) {
      client.send(GET);

      assertThat(client.readResponse().status()).isEqualTo(504);
      var failure = proxy.nextRecord().failure();
      assertThat(failure.kind()).isEqualTo(Kind.RESPONSE_TIMEOUT);
      assertThat(failure.message()).contains("HP_TIMEOUT_SERVER");
    }
  }

  @Test
  void anAnswerThatStallsIsCutSoThatTheClientNotices() throws Exception {
    start(TestTimeouts.server(AMPLE));
    exApp.play(
        connection -> {
          connection.readRequest();
          connection.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
          connection.readToEnd();
        });
    try (var client = proxy.connect()) {
      client.send(GET);

      assertThat(client.readToEnd()).endsWith("<reset>");
    }
  }

  @Test
  void theClientsLimitDoesNotApplyToASlowAnswer() throws Exception {
    start(TestTimeouts.client(AMPLE));
    exApp.play(
        connection -> {
          connection.readRequest();
          TimeUnit.MILLISECONDS.sleep(AMPLE.toMillis() * 2);
          connection.send(OK);
          connection.readToEnd();
        });
    try (var client = proxy.connect()) {
      client.send(GET);

      assertThat(client.readResponse().text()).isEqualTo("ok");
    }
  }
}
