// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.proxy.HarpProxyOptions.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** S17: whoever takes all connections does not keep AppAPI out. */
class ReservedConnectionsTest {

  private static final int MOST = 32;
  private static final int RESERVE = 2;
  private static final String GET = "GET /exapps/app/ HTTP/1.1\r\nHost: h\r\n";
  private static final String ORDER =
      "GET /exapps/app_api/info HTTP/1.1\r\nHost: h\r\nHARP-SHARED-KEY: "
          + TestProxy.KEY
          + "\r\n\r\n";

  private final List<RawConnection> others = new ArrayList<>();
  private final CountDownLatch answer = new CountDownLatch(1);
  private ScriptedServer exApp;
  private TestProxy proxy;

  @BeforeEach
  void start() throws Exception {
    exApp =
        new ScriptedServer(
            connection -> {
              if (connection.readHead().get("x-slow") != null) {
                answer.await();
              }
              connection.send(
                  "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
            });
    proxy =
        TestProxy.start(TestProxy.options().limits(new Limits(MOST, new Limits.Requests())))
            .with(exApp);
  }

  @AfterEach
  void stop() throws Exception {
    answer.countDown();
    for (var connection : others) {
      connection.close();
    }
    proxy.close();
    exApp.close();
  }

  private void open(int count, String request) throws Exception {
    for (int i = 0; i < count; i++) {
      var connection = proxy.connect();
      others.add(connection);
      connection.send(request);
    }
    await().until(() -> proxy.proxy().openConnections() >= count);
  }

  @Test
  @DisplayName("S17: where all others are busy, an order gets in, and a stranger a 503")
  void anOrderGetsIn() throws Exception {
    open(MOST - RESERVE, GET + "X-Slow: yes\r\n\r\n");
    await().until(() -> exApp.connections() == MOST - RESERVE);

    try (var stranger = proxy.connect()) {
      stranger.send(GET + "\r\n");
      var refused = stranger.readResponse();
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.head().get("connection")).isEqualTo("close");
      assertThat(stranger.readToEnd()).isEmpty();
    }
    await().until(() -> proxy.proxy().openConnections() == MOST - RESERVE);
    try (var appApi = proxy.connect()) {
      appApi.send(ORDER);
      // Nobody carries out orders here, which is said to those only that have the key.
      assertThat(appApi.readResponse().text()).isEqualTo("no orders are carried out here");
    }
  }

  @Test
  @DisplayName("S17: room is made for many, since each that comes to the last of it is refused")
  void roomIsMadeForMany() throws Exception {
    var most = 256;
    proxy.close();
    proxy =
        TestProxy.start(TestProxy.options().limits(new Limits(most, new Limits.Requests())))
            .with(exApp);
    open(most, "");

    await().until(this::comesAndStays);

    for (var i = 0; i < 8; i++) {
      assertThat(comesAndStays()).as("newcomer %d", i).isTrue();
    }
  }

  private boolean comesAndStays() throws Exception {
    var connection = proxy.connect();
    others.add(connection);
    connection.send(GET + "\r\n");
    return connection.readResponse().status() == 200;
  }

  @Test
  @DisplayName("S17: connections that idle make room for others")
  void idleOnesGo() throws Exception {
    open(MOST, "");

    await()
        .pollInSameThread()
        .until(
            () -> {
              try (var client = proxy.connect()) {
                client.send(GET + "\r\n");
                return client.readResponse().status() == 200;
              }
            });
  }
}
