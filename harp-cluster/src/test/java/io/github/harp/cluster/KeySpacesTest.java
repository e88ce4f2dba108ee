// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import static io.github.harp.core.testing.Gate.exApp;
import static io.github.harp.core.testing.Gate.publicRoute;
import static io.github.harp.core.testing.Wait.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AppId;
import io.github.harp.core.InstanceName;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.core.tunnels.Where;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Nodes that serve several Nextclouds")
class KeySpacesTest {

  private static final InstanceName ACME = new InstanceName("acme");
  private static final SharedKey KEY = SharedKey.of("the key of acme, which nobody else has");
  private static final Duration WINDOW = Duration.ofMinutes(5);
  private static final int PORT = 23_000;
  private static final AppId APP = new AppId("app");

  @TempDir Path folder;
  private RealRedis redis;
  private TestNode one;
  private TestNode two;

  /** What a node has of a Nextcloud beside its first. */
  private static final class Served implements AutoCloseable {

    private final KeySpace space;
    private final Bans bans;
    private final ExAppRecords records;
    private final TunnelRegister tunnels;

    Served(TestNode at, InstanceName name, SharedKey key) {
      var ticker = Ticker.systemTicker();
      space = at.cluster().beside(name, key);
      bans = space.share(Bans.of(3, WINDOW, ticker).beside(name, 3, WINDOW, ticker));
      records = space.share(new CachedExAppRecords(new FakeNextcloud(), ticker));
      tunnels = new TunnelRegister(records, Map.of(), ticker);
      space.neighbours().orElseThrow().share(tunnels, (port, reason) -> {});
      resultOf(space.open());
    }

    @Override
    public void close() {
      resultOf(space.close());
    }
  }

  @BeforeEach
  void start() {
    redis = RealRedis.in(folder);
    one = TestNode.called("one", redis.url()).joined();
    two = TestNode.called("two", redis.url()).joined();
  }

  @AfterEach
  void stop() {
    one.close();
    two.close();
    redis.close();
  }

  private static InetAddress stranger(int number) {
    return Objects.requireNonNull(IpAddresses.parse("198.51.100." + number));
  }

  private static void ban(Failures failures, InetAddress stranger) {
    for (var i = 0; i < 3; i++) {
      failures.record(stranger, "GUESS");
    }
  }

  @Test
  void shareOfEachWhatIsItsOwnAndNothingElse() throws Exception {
    try (var here = new Served(one, ACME, KEY);
        var there = new Served(two, ACME, KEY);
        var foreign = new Served(two, new InstanceName("other"), SharedKey.of("another one"))) {
      here.records.put(exApp("app", publicRoute(".*")));
      // Of these the first tells.
      ban(here.bans.orders(), stranger(5));
      ban(here.bans.tunnels(), stranger(6));
      ban(here.bans.users(), stranger(1));
      ban(here.bans.bySites(), stranger(3));
      here.tunnels.opened(1, PORT, TunnelHolder.OF_KEY);

      await().until(() -> there.records.peek(APP).isPresent());
      await().until(() -> there.bans.users().isBanned(stranger(1)));
      await().until(() -> there.bans.bySites().isBanned(stranger(3)));
      await()
          .until(
              () -> there.tunnels.at(PORT).equals(new Where.Elsewhere("one", TunnelHolder.OF_KEY)));
      // What the first is told now comes after all of that.
      ban(one.users(), stranger(2));
      await().until(() -> two.users().isBanned(stranger(2)));
      for (var records : List.of(two.records(), foreign.records)) {
        assertThat(records.peek(APP)).isEmpty();
      }
      assertThat(two.users().isBanned(stranger(1))).isFalse();
      assertThat(foreign.bans.users().isBanned(stranger(1))).isFalse();
      assertThat(foreign.bans.bySites().isBanned(stranger(3))).isFalse();
      assertThat(there.bans.users().isBanned(stranger(2))).isFalse();
      assertThat(there.bans.orders().isBanned(stranger(5))).isFalse();
      assertThat(there.bans.tunnels().isBanned(stranger(6))).isFalse();
      assertThat(two.tunnels().at(PORT)).isEqualTo(Where.NOWHERE);
      assertThat(foreign.tunnels.at(PORT)).isEqualTo(Where.NOWHERE);
      here.bans.users().clear();
      await().until(() -> !there.bans.users().isBanned(stranger(1)));
      assertThat(two.users().isBanned(stranger(2))).isTrue();

      try (var lock = here.space.locks().lock("engine 24000 nc_app_demo", () -> {});
          var sameName = one.cluster().first().locks().lock("engine 24000 nc_app_demo", () -> {})) {
        assertThat(lock).isNotSameAs(sameName);
      }
    }
  }

  @Test
  void refuseWhatWasSealedForAnother() {
    await().until(() -> journals().size() == 1);
    var firsts = journals().get(0);
    try (var acme = new Served(one, ACME, KEY)) {
      ban(acme.bans.users(), stranger(3));
      await().until(() -> journals().size() == 2);
      var acmes = journals().stream().filter(it -> !it.equals(firsts)).findAny().orElseThrow();
      var before = two.status().refused();

      copyLast(acmes, firsts);

      await().until(() -> two.status().refused() == before + 1);
      assertThat(two.users().isBanned(stranger(3))).isFalse();
    }
  }

  @Test
  void countNothingMoreOfOneThatIsServedNoMore() {
    await().until(() -> journals().size() == 1);
    var firsts = journals().get(0);
    try (var acme = new Served(one, ACME, KEY)) {
      ban(acme.bans.users(), stranger(3));
      await().until(() -> journals().size() == 2);
      var acmes = journals().stream().filter(it -> !it.equals(firsts)).findAny().orElseThrow();
      copyLast(firsts, acmes);
      await().until(() -> one.status().refused() == 1);
    }

    assertThat(one.status().refused()).isZero();
  }

  private List<String> journals() {
    return redis.cli("KEYS", "harp:*:journal").lines().filter(it -> !it.isBlank()).toList();
  }

  private void copyLast(String from, String to) {
    redis.cli(
        "EVAL",
        "local last = redis.call('xrevrange', KEYS[1], '+', '-', 'count', 1)[1]"
            + " return redis.call('xadd', KEYS[2], '*', 'sealed', last[2][2])",
        "2",
        from,
        to);
  }

  @Test
  void tellOfANodeThatServesOthers() {
    try (var acme = new Served(one, ACME, KEY)) {
      acme.tunnels.opened(1, PORT, TunnelHolder.OF_KEY);
      awaitDifference(two, "acme is served there and not here");
      awaitDifference(one, "acme is not served there");
      assertThat(one.cluster().findings())
          .extracting(Finding::seen)
          .contains("node two: other Nextclouds: acme is not served there");

      try (var other = new Served(two, ACME, SharedKey.of("another key"))) {
        awaitDifference(one, "acme has another key there");
        assertThat(other.tunnels.at(PORT)).isEqualTo(Where.NOWHERE);
      }
      try (var same = new Served(two, ACME, KEY)) {
        await().until(() -> same.tunnels.at(PORT).holder().isPresent());
        await().until(() -> differences(one).isEmpty() && differences(two).isEmpty());
      }
    }
  }

  @Test
  void areNotWaitedForByThoseWhoServeItWithAnotherKey() {
    try (var other = new Served(two, ACME, SharedKey.of("another key"))) {
      other.tunnels.opened(1, PORT, TunnelHolder.OF_KEY);
      for (var i = 0; i < 2; i++) {
        var before = redis.cli("HGET", "harp:nodes", "two");
        await().until(() -> !redis.cli("HGET", "harp:nodes", "two").equals(before));
      }
      try (var acme = new Served(one, ACME, KEY)) {
        resultOf(acme.space.caughtUp(Duration.ofHours(1)));
        assertThat(acme.tunnels.at(PORT)).isEqualTo(Where.NOWHERE);
      }
    }
  }

  @Test
  void takeTheTunnelsOfOneThatIsServedNoMoreForNobodys() {
    try (var here = new Served(one, ACME, KEY)) {
      try (var there = new Served(two, ACME, KEY)) {
        there.tunnels.opened(1, PORT, TunnelHolder.OF_KEY);
        await().until(() -> here.tunnels.at(PORT).holder().isPresent());
        // Longer than a claim alone is a sign of life.
        await()
            .atMost(Duration.ofSeconds(20))
            .during(Duration.ofSeconds(6))
            .until(() -> here.tunnels.at(PORT).holder().isPresent());
      }
      await().until(() -> here.tunnels.at(PORT).equals(Where.NOWHERE));
      assertThat(one.status().orphans()).contains(PORT + " of acme");

      try (var again = new Served(two, ACME, KEY)) {
        again.tunnels.opened(1, PORT, TunnelHolder.OF_KEY);
        await().until(() -> here.tunnels.at(PORT).holder().isPresent());
      }
    }
  }

  @Test
  void leaveNoStreamForEver() {
    try (var acme = new Served(one, ACME, KEY)) {
      ban(acme.bans.users(), stranger(4));
      await().until(() -> journals().size() == 2);
    }

    assertThat(journals())
        .allSatisfy(
            stream ->
                assertThat(Long.parseLong(redis.cli("TTL", stream).strip()))
                    .isBetween(3_600L, Duration.ofDays(1).plus(WINDOW).toSeconds()));
  }

  private static void awaitDifference(TestNode at, String difference) {
    await().untilAsserted(() -> assertThat(differences(at)).containsExactly(difference));
  }

  private static List<String> differences(TestNode at) {
    return at.status().nodes().stream().flatMap(it -> it.differences().stream()).toList();
  }
}
