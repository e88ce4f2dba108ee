// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import static io.github.harp.dialin.DialledIn.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExApp;
import io.github.harp.core.InstanceName;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.session.Sessions;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.TestExApp;
import io.github.harp.core.testing.UndialledEngines;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.dialin.way.NamedUpstream;
import io.github.harp.tunnel.TunnelClient;
import io.vertx.core.Future;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each has an ExApp of the same id, on the same port, with the same secret. */
@DisplayName("Two Nextclouds whose ExApps dial in at one entrance")
class TwoPartiesTest {

  private static final int PORT = 23000;
  private static final ExApp EXAPP = TestExApp.at("127.0.0.1", PORT, "notes", "secret");

  @TempDir Path folder;

  private final DialledIn clients = new DialledIn();
  private final Ticker time = Ticker.systemTicker();
  private final Bans bans = Bans.of(100, Duration.ofMinutes(5), time);
  private final Instance one = instance("one");
  private final Instance two = instance("two");
  private final Map<Instance, ExAppTunnels> tunnels = new HashMap<>();
  private TunnelEntrance entrance;
  private InetSocketAddress address;

  private Instance instance(String name) {
    return instance(name, "key of " + name);
  }

  private Instance instance(String name, String text) {
    var key = SharedKey.of(text);
    var nextcloud = new FakeNextcloud().with(EXAPP);
    return new Instance(
        new InstanceName(name),
        key,
        "",
        nextcloud,
        new CachedExAppRecords(nextcloud, time),
        new Sessions(nextcloud, Instance.SESSION_LIFETIME, time),
        new HmacTunnelTokens(key),
        bans);
  }

  @BeforeEach
  void start() throws Exception {
    entrance =
        new TunnelEntrance(
            DialledIn.onLoopback(Optional.empty()),
            bans.tunnels(),
            clients.listener(),
            clients.vertx,
            error -> {});
    admit(one);
    admit(two);
    address = get(entrance.start());
  }

  private void admit(Instance instance) {
    tunnels.put(instance, entrance.admit(party(instance)));
  }

  private ExAppTunnels of(Instance instance) {
    return Objects.requireNonNull(tunnels.get(instance));
  }

  private Party party(Instance instance) {
    return new Party(
        instance,
        UndialledEngines.numbered(),
        Optional.empty(),
        folder.resolve("tunnel-ports." + instance.name()),
        folder.resolve("withdrawn-passes." + instance.name()));
  }

  @AfterEach
  void stop() throws Exception {
    clients.clients.forEach(TunnelClient::close);
    get(entrance.stop(Duration.ZERO));
    get(clients.vertx.close());
  }

  @Test
  void eachReachesItsOwnExAppWithATokenOfItsOwn() throws Exception {
    dialIn(token(one), PORT, clients.serving("one"));
    dialIn(token(two), PORT, clients.serving("two"));

    assertThat(answerTo(one)).isEqualTo("one");
    assertThat(answerTo(two)).isEqualTo("two");
  }

  @Test
  void eachReachesItsOwnExAppWithItsKey() throws Exception {
    dialIn("key of two", PORT, clients.serving("two"));
    dialIn("key of one", PORT, clients.serving("one"));

    assertThat(answerTo(one)).isEqualTo("one");
    assertThat(answerTo(two)).isEqualTo("two");
  }

  @Test
  void noConnectionIsSharedByBoth() throws Exception {
    dialIn("key of one", PORT, clients.serving("one"));
    dialIn("key of two", PORT, clients.serving("two"));

    assertThat(upstream(one)).isNotEqualTo(upstream(two)).hasToString("tunnel:one:23000");
  }

  @Test
  void aTunnelOfOneIsNoneForTheOther() throws Exception {
    dialIn(token(one), PORT, clients.serving("one"));

    assertThat(of(one).tunnels().at(PORT).holder()).isPresent();
    assertThat(of(two).tunnels().at(PORT).holder()).isEmpty();
    assertThat(upstream(two)).hasToString("directly");
    assertThat(folder.resolve("tunnel-ports.two")).doesNotExist();
  }

  @Test
  void anEngineOfOneIsNoneForTheOther() throws Exception {
    var number = new EngineNumber(24001);
    dialIn("key of one", number.value(), clients.serving("engine of one"));

    assertThat(of(one).engines().numbers()).containsExactly(number);
    assertThat(of(two).engines().numbers()).isEmpty();

    dialIn("key of two", number.value(), clients.serving("engine of two"));
    assertThat(clients.answer(of(one).engines().find(number).orElseThrow()))
        .isEqualTo("engine of one");
    assertThat(clients.answer(of(two).engines().find(number).orElseThrow()))
        .isEqualTo("engine of two");
  }

  @Test
  void aRecordOfOneEndsNoTunnelOfTheOther() throws Exception {
    dialIn(token(one), PORT, clients.serving("one"));
    dialIn(token(two), PORT, clients.serving("two"));

    two.records().put(TestExApp.at("127.0.0.1", PORT, "notes", "a later deployment's"));

    await().until(() -> of(two).tunnels().at(PORT).holder().isEmpty());
    assertThat(answerTo(one)).isEqualTo("one");
  }

  @Test
  void whatThereWasIsKeptForEachApart() throws Exception {
    dialIn(token(one), PORT, clients.serving("one"));

    await().until(() -> folder.resolve("tunnel-ports.one").toFile().exists());
    assertThat(folder.resolve("tunnel-ports.one")).content().contains("23000 opened notes:");
  }

  @Test
  @DisplayName("one that is dismissed loses its tunnels, and nobody dials in for it any more")
  void oneThatIsDismissedHasNoTunnels() throws Exception {
    dialIn(token(one), PORT, clients.serving("one"));
    dialIn(token(two), PORT, clients.serving("two"));

    entrance.dismiss(of(one));

    await().until(() -> entrance.status().sessions().size() == 1);
    await().until(() -> clients.refusals.stream().anyMatch(it -> it.contains("not valid here")));
    assertThat(answerTo(two)).isEqualTo("two");
    assertThat(folder.resolve("tunnel-ports.one")).content().contains("23000 opened notes:");
  }

  @Test
  @DisplayName("one of the same name with another key lets in nobody with the old one")
  void anotherOneOfTheSameNameIsAnother() throws Exception {
    dialIn(token(one), PORT, clients.serving("one"));
    entrance.dismiss(of(one));
    var anew = instance("one", "another key");
    admit(anew);

    dialIn(token(anew), PORT, clients.serving("anew"));

    assertThat(answerTo(anew)).isEqualTo("anew");
    assertThat(upstream(anew)).hasToString("tunnel:one:23000");
  }

  private static String token(Instance instance) {
    return instance.tokens().mint(EXAPP.deployment(), PORT);
  }

  private void dialIn(String token, int port, int service) {
    clients.dialIn(address, token, "notes", port, service);
  }

  private Upstream upstream(Instance instance) throws Exception {
    Upstream directly = new NamedUpstream("directly");
    return get(of(instance).upstreams(exApp -> Future.succeededFuture(directly)).locate(EXAPP));
  }

  private String answerTo(Instance instance) throws Exception {
    return clients.answer(upstream(instance));
  }
}
