// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.github.harp.core.access.Gatekeeper;
import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.instance.Instances;
import io.github.harp.core.key.SharedKey;
import io.github.harp.proxy.HarpProxy;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What somebody sees who has failed too often. */
class BannedTest {

  private static final int BAN_COUNT = 3;
  private static final Duration WINDOW = Duration.ofMinutes(5);

  private final Nextcloud nextcloud =
      new Nextcloud() {
        @Override
        public Future<Optional<ExApp>> exApp(AppId appId) {
          return Future.succeededFuture(Optional.empty());
        }

        @Override
        public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
          return Future.succeededFuture(Optional.empty());
        }
      };

  private HarpProxy proxy;

  @BeforeEach
  void start() throws Exception {
    var ticker = Ticker.systemTicker();
    var bans = Bans.of(BAN_COUNT, WINDOW, ticker);
    var gatekeeper =
        new Gatekeeper(
            Instances.only(Instance.of(SharedKey.of(TestProxy.KEY), nextcloud, bans, ticker)),
            ClientAddresses.behind(TrustedProxies.none()));
    // What is closed is not closed for being idle.
    var options = TestProxy.options().timeouts(TestTimeouts.client(Duration.ofHours(1)));
    proxy = HarpProxy.builder(gatekeeper).options(options.build()).build();
    TestProxy.await(proxy.start());
    for (int i = 0; i < BAN_COUNT; i++) {
      try (var client = RawConnection.to(proxy.addresses().get(0))) {
        client.send("GET /exapps/unknown/x HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(client.readResponse().status()).isEqualTo(404);
      }
    }
  }

  @AfterEach
  void stop() {
    TestProxy.await(proxy.stop(Duration.ZERO));
  }

  @Test
  @DisplayName("S11: a banned browser gets a sentence, and when to come back")
  void s11_aBannedBrowserGetsASentence() throws Exception {
    try (var client = RawConnection.to(proxy.addresses().get(0))) {
      client.send("GET /exapps/app/ HTTP/1.1\r\nHost: h\r\nSec-Fetch-Site: none\r\n\r\n");
      var answer = client.readResponse();

      assertThat(answer.status()).isEqualTo(429);
      assertThat(answer.text())
          .startsWith("429 Too Many Requests: ")
          .contains("again in 5 minutes.");
      assertThat(Integer.parseInt(answer.head().get("retry-after"))).isBetween(200, 301);
      assertThat(answer.head().get("cache-control")).isEqualTo("no-cache");
    }
  }

  @Test
  @DisplayName("W18: what is dropped is closed at once, however many ask, and holds nothing")
  void w18_whatIsDroppedIsClosedAtOnce() throws Exception {
    List<RawConnection> clients = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      var client = RawConnection.to(proxy.addresses().get(0));
      clients.add(client);
      client.send("GET /exapps/app/ HTTP/1.1\r\nHost: h\r\n\r\n");
    }

    for (var client : clients) {
      assertThat(client.readToEnd()).isIn("", "<reset>");
      client.close();
    }
  }

  @Test
  @DisplayName("W18: a dropped request of HTTP/2 ends at once, the connection goes on")
  void w18_aDroppedStreamEndsAtOnce() throws Exception {
    try (var client = new Http2Client(proxy.addresses().get(0))) {
      for (int i = 0; i < 100; i++) {
        client.open(Http2Client.get("/exapps/app/"), true).resetFrame();
      }
      assertThat(client.connection().isActive()).isTrue();
    }
  }

  @Test
  @DisplayName("S1: who goes on and on with what is dropped has no connection in the end")
  void s1_floodsOfDroppedRequestsEnd() throws Exception {
    try (var client = new Http2Client(proxy.addresses().get(0))) {
      for (int i = 0; i < 200; i++) {
        client.open(Http2Client.get("/exapps/app/"), true).resetFrame();
      }
      await().until(() -> !client.connection().isActive());
    }
    var banned = "GET /exapps/app/ HTTP/1.1\r\nHost: h\r\n\r\n";
    try (var client = RawConnection.to(proxy.addresses().get(0))) {
      client.send(
          "GET /exapps/app_api/info HTTP/1.1\r\nHost: h\r\nHARP-SHARED-KEY: "
              + TestProxy.KEY
              + "\r\n\r\n"
              + banned.repeat(300));
      client.readResponse();
      for (int i = 0; i < 200; i++) {
        assertThat(client.readResponse().status()).isEqualTo(403);
      }
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  /**
   * RFC 9110, section 9.2.2: nginx does it on each of its kept connections, and all would count.
   */
  @Test
  @DisplayName("S11: on a kept connection there is an answer, so that no proxy tries again")
  void s11_onAKeptConnectionThereIsAnAnswer() throws Exception {
    var banned = "GET /exapps/app/ HTTP/1.1\r\nHost: h\r\n\r\n";
    try (var client = RawConnection.to(proxy.addresses().get(0))) {
      client.send(
          "GET /exapps/app_api/info HTTP/1.1\r\nHost: h\r\nHARP-SHARED-KEY: "
              + TestProxy.KEY
              + "\r\n\r\n");
      client.readResponse();
      client.send(banned);

      assertThat(client.readResponse().status()).isEqualTo(403);
      client.send(banned);
      assertThat(client.readResponse().text()).isEqualTo("403 Forbidden");
    }
  }
}
