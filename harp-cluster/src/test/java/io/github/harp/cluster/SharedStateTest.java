// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import static io.github.harp.core.testing.FakeRequest.address;
import static io.github.harp.core.testing.Gate.exApp;
import static io.github.harp.core.testing.Gate.publicRoute;
import static io.github.harp.core.testing.Wait.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.TestExApp;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one node learns, the others know. */
class SharedStateTest {

  private static final InetAddress MALLORY = address("203.0.113.7");
  private static final AppId APP = new AppId("app");

  /** Nodes tell each other milliseconds, several times over. */
  private static final Duration ROUNDING = Duration.ofMillis(10);

  private static RealRedis redis;
  private static TestNode one;
  private static TestNode two;

  @BeforeAll
  static void startTwoNodes(@TempDir Path folder) {
    redis = RealRedis.in(folder);
    one = TestNode.at(redis.url());
    two = TestNode.at(redis.url());
    one.joined();
    two.joined();
  }

  @AfterEach
  void forgetAll() {
    one.users().clear();
    one.records().remove(APP);
    await().until(() -> two.users().entries().isEmpty() && two.records().peek(APP).isEmpty());
  }

  @AfterAll
  static void stopAll() {
    one.close();
    two.close();
    redis.close();
  }

  private static void ban(TestNode at) {
    for (var i = 0; i < 3; i++) {
      at.users().record(MALLORY, "GUESS");
    }
  }

  @Test
  void failuresAtDifferentNodesAddUp() {
    one.users().record(MALLORY, "GUESS");
    two.users().record(MALLORY, "NO_ROUTE");
    two.users().record(MALLORY, "GUESS");

    await().until(() -> one.users().isBanned(MALLORY) && two.users().isBanned(MALLORY));
    assertThat(one.orders().isBanned(MALLORY)).isFalse();
    assertThat(one.users().entries())
        .singleElement()
        .satisfies(it -> assertThat(it.failures()).hasSize(3));
  }

  @Test
  void failuresOfEachKindAreSharedAndNotMixedUp() {
    for (var kind = 0; kind < one.kinds().size(); kind++) {
      for (var i = 0; i < 3; i++) {
        one.kinds().get(kind).record(address("203.0.113." + (10 + kind)), "GUESS");
      }
    }
    for (var kind = 0; kind < two.kinds().size(); kind++) {
      var failures = two.kinds().get(kind);
      var banned = address("203.0.113." + (10 + kind));
      await().until(() -> failures.isBanned(banned));
      assertThat(failures.entries()).singleElement().extracting("network").isEqualTo(banned);
    }
    one.kinds().forEach(Failures::clear);
    await().until(() -> two.kinds().stream().allMatch(it -> it.entries().isEmpty()));
  }

  @Test
  void whoIsForgivenAtOneNodeIsForgivenAtAll() {
    ban(one);
    one.users().record(address("2001:db8::7"), "GUESS");
    await().until(() -> two.users().isBanned(MALLORY) && two.users().entries().size() == 2);

    two.users().clear(MALLORY);
    await().until(() -> !one.users().isBanned(MALLORY));
    assertThat(one.users().entries()).hasSize(1);

    one.users().clear();
    await().until(() -> two.users().entries().isEmpty());
  }

  @Test
  void whoComesLaterHearsOfBansAndHowOldTheyAre() throws Exception {
    ban(one);
    await().until(() -> two.users().isBanned(MALLORY));
    await().until(() -> age(two).toSeconds() >= 3);
    var comes = System.nanoTime();

    try (var late = TestNode.at(redis.url()).joined()) {
      assertThat(late.users().isBanned(MALLORY)).isTrue();
      var age = age(late);
      assertThat(age)
          .as("not counted from when it heard of it")
          .isGreaterThan(Duration.ofNanos(System.nanoTime() - comes));
      assertThat(age).isLessThanOrEqualTo(age(one).plus(ROUNDING));
    }
  }

  @Test
  void whatIsKnownLateIsAsOldAtAllNodes() {
    var age = Duration.ofMinutes(4);
    one.users().record(MALLORY, new Failures.Failure("LATE", age));
    one.users().record(MALLORY, "NEW");

    await().until(() -> two.users().entries().stream().anyMatch(it -> it.failures().size() == 2));
    assertThat(two.users().entries().get(0).failures())
        .satisfiesExactly(
            late -> assertThat(late.age()).isGreaterThanOrEqualTo(age),
            recent -> assertThat(recent.age()).isLessThan(age));
  }

  private static Duration age(TestNode node) {
    return node.users().entries().get(0).failures().get(0).age();
  }

  @Test
  void whatAppApiPushesToOneNodeIsKnownAtAllWithAllThatIsInIt() {
    var exApp =
        new ExApp(
            APP,
            "1.2.3",
            TestExApp.at("10.1.2.3", 23_001, "app", "secret of the ExApp").address(),
            TestExApp.at("10.1.2.3", 23_001, "app", "secret of the ExApp").token(),
            RouteTable.of(
                List.of(
                    new ExAppRoute("^/public.*", AccessLevel.PUBLIC, Set.of(401, 403)),
                    new ExAppRoute("^/ä\"\\d+", AccessLevel.ADMIN, Set.of()))),
            true);

    one.records().put(exApp);

    await().until(() -> two.records().peek(APP).isPresent());
    assertThat(two.records().peek(APP)).contains(exApp);
  }

  @Test
  void whatAppApiRemovesAtOneNodeIsKnownAtNone() {
    one.records().put(exApp("app"));
    await().until(() -> two.records().peek(APP).isPresent());

    two.records().remove(APP);

    await().until(() -> one.records().peek(APP).isEmpty());
  }

  @Test
  void whatTwoNodesAreToldAtOnceEndsTheSameAtBoth() {
    for (var round = 0; round < 20; round++) {
      one.records().put(exApp("app", publicRoute("^/one" + round)));
      two.records().put(exApp("app", publicRoute("^/two" + round)));
      if (round % 3 == 0) {
        one.records().remove(APP);
      }
      one.records().put(exApp("other" + round));
    }
    two.records().put(exApp("last"));

    await().until(() -> one.records().peek(new AppId("last")).isPresent());
    await().until(() -> two.records().peek(new AppId("other19")).isPresent());
    await().until(() -> one.records().peek(APP).equals(two.records().peek(APP)));
    assertThat(one.status().refused()).isZero();
    assertThat(one.status().gaps()).isZero();
  }

  @Test
  void whoComesLaterAsksNextcloudForRecords() throws Exception {
    one.records().put(exApp("app", publicRoute("^/pushed")));
    await().until(() -> two.records().peek(APP).isPresent());
    var nextcloud = new FakeNextcloud().with(exApp("app", publicRoute("^/asked")));

    try (var late = TestNode.at(redis.url(), nextcloud).joined()) {
      assertThat(routes(resultOf(late.records().get(APP)))).isIn("^/asked", "^/pushed");
      late.records().put(exApp("app", publicRoute("^/late")));
      await().until(() -> routes(one.records().peek(APP)).equals("^/late"));
    }
  }

  @Test
  void whoStopsTellsFirstWhatItHasToTell() throws Exception {
    try (var leaving = TestNode.at(redis.url()).joined()) {
      for (var i = 0; i < 500; i++) {
        leaving.records().put(exApp("before" + i));
      }
      leaving.records().put(exApp("app"));
    }

    await().until(() -> one.records().peek(APP).isPresent());
  }

  @Test
  void nodesWithAnotherKeyShareNothing() throws Exception {
    try (var other = TestNode.withKey("quite another key than that", redis.url()).joined()) {
      ban(other);
      ban(one);
      await().until(() -> two.users().isBanned(MALLORY));
      two.users().clear();
      await().until(() -> !one.users().isBanned(MALLORY));

      assertThat(other.users().isBanned(MALLORY)).isTrue();
      assertThat(one.status().refused()).isZero();
    }
  }

  private static String routes(Optional<ExApp> record) {
    return record.map(it -> it.routes().routes().get(0).url()).orElse("none");
  }
}
