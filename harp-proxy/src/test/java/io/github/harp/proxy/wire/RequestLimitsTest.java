// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.proxy.HarpProxyOptions.Limits;
import io.github.harp.proxy.OwnPages;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** S4: nobody, and no slow ExApp, takes all there is. */
class RequestLimitsTest {

  private static final int MOST = 2;
  private static final int MOST_OF_PAGE_VISITOR = 32;
  private static final String GET = "GET /exapps/app/ HTTP/1.1\r\nHost: h\r\n";

  private final List<RawConnection> waiting = new ArrayList<>();
  private final CountDownLatch answer = new CountDownLatch(1);
  private ScriptedServer exApp;
  private TestProxy proxy;

  @BeforeEach
  void start() throws Exception {
    exApp =
        new ScriptedServer(
            connection -> {
              var head = connection.readHead();
              if (head.get("x-slow") != null) {
                answer.await();
              }
              connection.send(
                  "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
            });
  }

  @AfterEach
  void stop() throws Exception {
    answer.countDown();
    for (var connection : waiting) {
      connection.close();
    }
    if (proxy != null) {
      proxy.close();
    }
    exApp.close();
  }

  private static Limits limits(int perClient, int perExApp) {
    return new Limits(new Limits().connections(), new Limits.Requests(perClient, perExApp));
  }

  private void start(Limits limits) throws Exception {
    proxy = TestProxy.start(TestProxy.options().limits(limits)).with(exApp);
    for (int i = 0; i < MOST; i++) {
      askSlowly(proxy.connect());
    }
  }

  private void askSlowly(RawConnection connection) throws Exception {
    waiting.add(connection);
    connection.send(GET + "X-Slow: yes\r\n\r\n");
    await().until(() -> exApp.connections() == waiting.size());
  }

  private RawConnection connectFrom(int client) throws Exception {
    var address = InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) client});
    var proxied = proxy.address();
    return new RawConnection(new Socket(proxied.getAddress(), proxied.getPort(), address, 0));
  }

  private RawConnection.Message ask(String... headers) throws Exception {
    try (var client = proxy.connect()) {
      var lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
      client.send(GET + lines + "\r\n");
      return client.readResponse();
    }
  }

  @Test
  @DisplayName("S4: one more request of a client is answered with 429 and a sentence")
  void tooManyOfOneClient() throws Exception {
    start(limits(MOST, 0));

    var refused = ask();
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.text()).startsWith("Too many requests of your address");
    assertThat(refused.head().get("retry-after")).isNotNull();
    assertThat(proxy.nextRecord().failure().kind()).isEqualTo(Kind.TOO_MANY_OF_CLIENT);

    assertThereIsRoomAgain();
  }

  @Test
  @DisplayName("S4: one more request to an ExApp is answered with 503 and a sentence")
  void tooManyToOneExApp() throws Exception {
    start(limits(0, MOST));

    var refused = ask();
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.text()).startsWith("The application has too many requests");
    assertThat(refused.head().get("retry-after")).isNotNull();
    assertThat(proxy.nextRecord().failure().kind()).isEqualTo(Kind.TOO_MANY_TO_EXAPP);

    assertThereIsRoomAgain();
  }

  @Test
  @DisplayName("S4: one client does not take an ExApp from the others: a quarter is theirs")
  void oneClientLeavesSome() throws Exception {
    start(limits(0, 8));
    while (waiting.size() < 6) {
      askSlowly(proxy.connect());
    }
    assertThat(ask().status()).isEqualTo(503);
    assertThat(proxy.nextRecord().failure().message()).startsWith("6 requests");

    askSlowly(connectFrom(2));
    askSlowly(connectFrom(3));
    try (var late = connectFrom(4)) {
      late.send(GET + "\r\n");
      assertThat(late.readResponse().status()).isEqualTo(503);
    }

    assertThereIsRoomAgain();
  }

  @Test
  @DisplayName("S4: ExApps of two Nextclouds are two, though they have one name")
  void exAppsOfTwoNextclouds() throws Exception {
    var one = SharedProxy.askedForAs("one", SharedProxy.nextcloud("one", exApp));
    var another = SharedProxy.askedForAs("another", SharedProxy.nextcloud("another", exApp));
    var options = TestProxy.options().limits(limits(0, 1)).build();
    var shared = SharedProxy.serving(SharedProxy.several(one, another), options);
    try (var slow = RawConnection.to(shared.addresses().get(0));
        var other = RawConnection.to(shared.addresses().get(0))) {
      slow.send("GET /exapps/app/ HTTP/1.1\r\nHost: one\r\nX-Slow: yes\r\n\r\n");
      await().until(() -> exApp.connections() == 1);
      other.send("GET /exapps/app/ HTTP/1.1\r\nHost: one\r\n\r\n");
      assertThat(other.readResponse().status()).isEqualTo(503);

      other.send("GET /exapps/app/ HTTP/1.1\r\nHost: another\r\n\r\n");
      assertThat(other.readResponse().status()).isEqualTo(200);
    } finally {
      answer.countDown();
      TestProxy.await(shared.stop(Duration.ZERO));
    }
  }

  @Test
  @DisplayName("S4: what AppAPI has signed is not refused")
  void signedRequestsPass() throws Exception {
    start(limits(MOST, MOST));

    var answered =
        ask(
            "HARP-SHARED-KEY: " + TestProxy.KEY,
            "EX-APP-ID: app",
            "EX-APP-VERSION: 1.2.3",
            "EX-APP-HOST: 127.0.0.1",
            "EX-APP-PORT: " + exApp.port(),
            "AUTHORIZATION-APP-API: YWRtaW46eA==");
    assertThat(answered.status()).isEqualTo(200);
  }

  @Test
  @DisplayName("S4: a client that asks slowly for pages of this process has few of them at a time")
  void slowVisitorsOfPages() throws Exception {
    var pages = new OwnPages();
    pages.areAt(exApp.port());
    proxy = TestProxy.start(TestProxy.options(), builder -> builder.ownPages(pages)).with(exApp);
    var signIn =
        "POST /exapps/app_api/harp/sign-in HTTP/1.1\r\nHost: h\r\nX-Slow: yes\r\n"
            + "Content-Length: 9\r\n\r\n";
    for (int i = 0; i < MOST_OF_PAGE_VISITOR; i++) {
      var connection = proxy.connect();
      waiting.add(connection);
      connection.send(signIn);
    }
    await().until(() -> exApp.connections() == MOST_OF_PAGE_VISITOR);

    try (var client = proxy.connect()) {
      client.send(signIn);
      assertThat(client.readResponse().status()).isEqualTo(429);
    }
    assertThereIsRoomAgain();
  }

  private void assertThereIsRoomAgain() throws Exception {
    answer.countDown();
    for (var connection : waiting) {
      assertThat(connection.readResponse().status()).isEqualTo(200);
    }
    assertThat(ask().status()).isEqualTo(200);
  }
}
