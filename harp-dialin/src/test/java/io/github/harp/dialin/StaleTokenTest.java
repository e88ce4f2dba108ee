// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import static io.github.harp.dialin.DialledIn.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.Secret;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.TestExApp;
import io.github.harp.core.testing.UndialledEngines;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.core.upstream.Upstreams;
import io.github.harp.tunnel.TunnelClient;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("S5: the token of a removed ExApp gets nothing of who has its port now")
class StaleTokenTest {

  private static final int PORT = 23000;
  private static final SharedKey KEY = SharedKey.of("correct-horse-battery-staple");
  private static final HmacTunnelTokens TOKENS = new HmacTunnelTokens(KEY);

  @TempDir Path folder;

  private final DialledIn clients = new DialledIn();
  private final FakeNextcloud nextcloud = new FakeNextcloud();
  private final CachedExAppRecords records =
      new CachedExAppRecords(nextcloud, Ticker.systemTicker());
  private final ServerSocket service;
  private TunnelEntrance entrance;
  private ExAppTunnels tunnels;
  private Upstreams upstreams;
  private InetSocketAddress address;

  StaleTokenTest() throws Exception {
    service = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  @BeforeEach
  void start() throws Exception {
    var time = Ticker.systemTicker();
    var bans = Bans.of(100, Duration.ofMinutes(5), time);
    var instance = nextcloud.instance(KEY, records, TOKENS, bans, time);
    entrance =
        new TunnelEntrance(
            DialledIn.onLoopback(Optional.empty()),
            bans.tunnels(),
            clients.listener(),
            clients.vertx,
            error -> {});
    tunnels =
        entrance.admit(
            new Party(
                instance,
                UndialledEngines.numbered(),
                Optional.empty(),
                folder.resolve("tunnel-ports"),
                folder.resolve("withdrawn-passes")));
    upstreams =
        tunnels.upstreams(
            exApp -> Future.failedFuture(new HarpException(Code.UNREACHABLE, "dialled directly")));
    address = get(entrance.start());
  }

  @AfterEach
  void stop() throws Exception {
    clients.clients.forEach(TunnelClient::close);
    get(entrance.stop(Duration.ZERO));
    service.close();
    get(clients.vertx.close());
  }

  @Test
  void s5_whileNextcloudIsAwayItGetsNothingButWhatIsForItsOwnExApp() {
    nextcloud.failWith(Code.UNREACHABLE);
    var removed = exApp("removed", "its secret");
    var successor = exApp("successor", "another secret");
    tunnels.tokens().mint(successor.deployment(), PORT);
    dialIn(removed.deployment());

    assertThat(reach(successor)).contains("is open for ExApp removed", "expected another");
    assertThat(reach(exApp("removed", "the secret of a later deployment")))
        .doesNotContain("reached");
    assertThat(reach(removed)).isEqualTo("reached through tunnel:23000");
  }

  @Test
  void s5_itsTunnelEndsWhenTheRecordOfTheSuccessorArrives() {
    nextcloud.failWith(Code.UNREACHABLE);
    dialIn(Deployment.of(new AppId("removed"), Secret.of("its secret")));
    nextcloud.recover();

    records.put(exApp("successor", "another secret"));

    await().until(() -> tunnels.tunnels().at(PORT).holder().isEmpty());
    await()
        .untilAsserted(
            () ->
                assertThat(clients.refusals)
                    .anyMatch(it -> it.contains("remote port 23000 belongs to successor now")));
    dialIn(exApp("successor", "another secret").deployment());
    assertThat(reach(exApp("successor", "another secret")))
        .isEqualTo("reached through tunnel:23000");
  }

  @Test
  void s5_itsTunnelEndsWhenTheRecordOfALaterDeploymentArrives() {
    nextcloud.failWith(Code.UNREACHABLE);
    dialIn(Deployment.of(new AppId("demo"), Secret.of("first secret")));
    nextcloud.recover();
    nextcloud.with(exApp("demo", "second secret"));

    records.get(new AppId("demo"));

    await().until(() -> tunnels.tunnels().at(PORT).holder().isEmpty());
    await()
        .untilAsserted(
            () ->
                assertThat(clients.refusals)
                    .anyMatch(it -> it.contains("earlier deployment of demo")));
  }

  @Test
  void s5_aTunnelThatIsStillItsExAppsStaysWhenAnotherRecordClaimsItsPort() {
    var demo = exApp("demo", "secret");
    nextcloud.with(demo);
    dialIn(demo.deployment());

    records.put(exApp("registered-by-hand", "another secret"));

    assertThat(reach(demo)).isEqualTo("reached through tunnel:23000");
    assertThat(reach(exApp("registered-by-hand", "another secret"))).isEqualTo("dialled directly");
  }

  @Test
  void s5_theSharedKeyMayServeAnyExApp() {
    dialIn(KEY.reveal(), "one-name-for-all");

    assertThat(reach(exApp("demo", "secret"))).isEqualTo("reached through tunnel:23000");
    assertThat(reach(exApp("other", "another"))).isEqualTo("reached through tunnel:23000");
  }

  @Test
  void s5_aConnectionIsNeverSharedByTwoDeployments() {
    dialIn(KEY.reveal(), "one-name-for-all");

    assertThat(upstream(exApp("demo", "first"))).isEqualTo(upstream(exApp("demo", "first")));
    assertThat(upstream(exApp("demo", "first"))).isNotEqualTo(upstream(exApp("demo", "second")));
    assertThat(upstream(exApp("demo", "first"))).isNotEqualTo(upstream(exApp("other", "first")));
  }

  private void dialIn(Deployment deployment) {
    dialIn(TOKENS.mint(deployment, PORT), deployment.appId().text());
  }

  private void dialIn(String token, String name) {
    clients.dialIn(address, token, name, PORT, service.getLocalPort());
  }

  private Upstream upstream(ExApp exApp) {
    return upstreams.locate(exApp).result();
  }

  private String reach(ExApp exApp) {
    try {
      var upstream = get(upstreams.locate(exApp));
      clients.connect(upstream).close();
      return "reached through " + upstream;
    } catch (Exception e) {
      return String.valueOf(e.getCause() == null ? e : e.getCause().getMessage());
    }
  }

  private static ExApp exApp(String id, String secret) {
    return TestExApp.at("127.0.0.1", PORT, id, secret);
  }
}
