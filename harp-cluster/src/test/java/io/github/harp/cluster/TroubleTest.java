// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import static io.github.harp.core.testing.FakeRequest.address;
import static io.github.harp.core.testing.Gate.exApp;
import static io.github.harp.core.testing.Gate.publicRoute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.AppId;
import io.github.harp.core.ban.Failures.Failure;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import io.github.harp.core.testing.FakeNextcloud;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Redis is away, or back without what it knew: nodes go on, and agree again afterwards. */
class TroubleTest {

  private static final AtomicInteger STRANGERS = new AtomicInteger();
  private static final AppId APP = new AppId("app");

  private static final String LARGEST =
      "local most = 0 for _, entry in ipairs(redis.call('xrange', KEYS[1], '-', '+'))"
          + " do most = math.max(most, #entry[2][2]) end return most";

  private static RealRedis redis;
  private static final FakeNextcloud NEXTCLOUD = new FakeNextcloud();
  private static TestNode one;
  private static CutLine line;
  private static TestNode two;

  @BeforeAll
  static void startTwoNodes(@TempDir Path folder) {
    redis = RealRedis.in(folder);
    one = TestNode.at(redis.url(), NEXTCLOUD);
    line = new CutLine(redis.port());
    two = TestNode.at(line.url(), NEXTCLOUD);
    one.joined();
    two.joined();
  }

  @AfterEach
  void bothHearEachOther() {
    one.joined();
    two.joined();
    spreads(one, two);
    spreads(two, one);
    await()
        .untilAsserted(
            () ->
                assertThat(one.cluster().findings())
                    .allSatisfy(it -> assertThat(it.severity()).isEqualTo(Severity.OK)));
  }

  @AfterAll
  static void stopAll() {
    one.close();
    two.close();
    line.close();
    redis.close();
  }

  private static InetAddress somebody() {
    return address("198.51.100." + STRANGERS.incrementAndGet());
  }

  private static InetAddress ban(TestNode at) {
    var stranger = somebody();
    for (var i = 0; i < 3; i++) {
      at.users().record(stranger, "GUESS");
    }
    return stranger;
  }

  private static void spreads(TestNode from, TestNode to) {
    var stranger = ban(from);
    await().until(() -> to.users().isBanned(stranger));
  }

  private static void notice(TestNode node) {
    await().until(() -> !node.status().troubles().isEmpty());
  }

  @Test
  void aKilledServerThatComesBackEmptyLosesNothingThatWasToBeTold() {
    redis.kill();
    notice(one);
    var stranger = ban(one);

    assertThat(one.users().isBanned(stranger)).isTrue();
    assertThat(one.cluster().findings())
        .anySatisfy(
            it -> {
              assertThat(it.severity()).isEqualTo(Severity.FAILURE);
              assertThat(it.seen()).contains("127.0.0.1:" + redis.port());
            });

    redis.start();
    await().until(() -> two.users().isBanned(stranger));
    assertThat(two.users().entries().stream().filter(it -> it.network().equals(stranger)))
        .singleElement()
        .satisfies(it -> assertThat(it.failures()).hasSize(3));
  }

  @Test
  void aServerThatSaysNothingIsGivenUpAndFoundAgain() {
    redis.freeze();
    notice(one);
    var stranger = ban(one);
    redis.thaw();

    await().until(() -> two.users().isBanned(stranger));
  }

  @Test
  void connectionsThatAreCutAreMadeAgain() {
    for (var i = 0; i < 5; i++) {
      var stranger = ban(one);
      redis.cli("CLIENT", "KILL", "TYPE", "normal");
      await().until(() -> two.users().isBanned(stranger));
    }
  }

  @Test
  void aBanThatWasNotHeardBeforeTheServerWasEmptiedIsAskedForAtOtherNodes() {
    line.cut();
    notice(two);
    var stranger = ban(one);
    await().until(() -> one.status().waitingBytes() == 0 && !redis.cli("KEYS", "*").isEmpty());
    redis.cli("FLUSHALL");
    line.mend();

    await().until(() -> two.users().isBanned(stranger));
  }

  @Test
  void whatIsGoneBeforeItWasHeardAndNothingFollowsIsAskedFor() {
    var journal = redis.cli("KEYS", "*journal");
    var length = new AtomicReference<String>();
    // What was asked at the start has its answers: nothing more follows.
    await()
        .during(Duration.ofSeconds(4))
        .until(
            () -> redis.cli("XLEN", journal).equals(length.getAndSet(redis.cli("XLEN", journal))));
    line.cut();
    notice(two);
    var stranger = somebodyOfWhomIsLost(journal);
    line.mend();

    await().until(() -> two.users().of(stranger).size() == 1);
  }

  /** One tells of a failure, which nobody hears who is cut off. */
  private static InetAddress somebodyOfWhomIsLost(String journal) {
    var before = redis.cli("XLEN", journal);
    var stranger = somebody();
    one.users().record(stranger, "GUESS");
    await().until(() -> !redis.cli("XLEN", journal).equals(before));
    var last = redis.cli("XREVRANGE", journal, "+", "-", "COUNT", "1").lines().findFirst();
    assertThat(redis.cli("XDEL", journal, last.orElseThrow())).isEqualTo("1");
    return stranger;
  }

  @Test
  void whatIsGoneBeforeItWasHeardAndSomethingFollowsIsAskedFor() {
    line.cut();
    notice(two);
    var stranger = somebodyOfWhomIsLost(redis.cli("KEYS", "*journal"));
    var later = somebody();
    one.users().record(later, "GUESS");
    line.mend();

    await().until(() -> two.users().of(later).size() == 1);
    await().until(() -> two.users().of(stranger).size() == 1);
  }

  @Test
  void aServerThatIsEmptyIsNoticedThoughNothingIsToldSince() {
    line.cut();
    notice(two);
    var before = two.status().gaps();
    redis.cli("FLUSHALL");
    line.mend();

    await().until(() -> two.status().gaps() > before);
  }

  @Test
  void whatWasNotHeardBeforeTheServerWasEmptiedIsAskedForAtNextcloud() {
    one.records().put(exApp("app", publicRoute("^/old")));
    await().until(() -> two.records().peek(APP).isPresent());
    NEXTCLOUD.with(exApp("app", publicRoute("^/new")));
    var before = two.status().gaps();

    line.cut();
    notice(two);
    one.records().put(exApp("app", publicRoute("^/unheard")));
    await().until(() -> one.status().waitingBytes() == 0 && !redis.cli("KEYS", "*").isEmpty());
    redis.cli("FLUSHALL");
    line.mend();

    spreads(one, two);
    await().until(() -> two.status().gaps() > before);
    await().until(() -> url(two).equals("^/new"));
  }

  @Test
  void bothSidesOfAPartitionGoOnAndKnowTheSameAfterwards() {
    line.cut();
    notice(two);
    var here = ban(one);
    var there = ban(two);
    one.records().put(exApp("here"));
    assertThat(two.users().isBanned(there)).isTrue();

    line.mend();

    await().until(() -> two.users().isBanned(here) && one.users().isBanned(there));
  }

  @Test
  void whatIsHeardLateIsAsOldAsItIsAndReplacesNothing() {
    NEXTCLOUD.with(exApp("app", publicRoute("^/new")));
    line.cut();
    notice(two);
    var stranger = ban(two);
    two.records().put(exApp("app", publicRoute("^/old")));
    await().atMost(Duration.ofSeconds(30)).until(() -> age(two, stranger).toSeconds() >= 11);
    one.records().put(exApp("app", publicRoute("^/new")));
    var age = age(two, stranger);

    line.mend();

    await().until(() -> one.users().isBanned(stranger));
    assertThat(age(one, stranger)).isGreaterThanOrEqualTo(age);
    assertThat(url(one)).isEqualTo("^/new");
    await().until(() -> url(two).equals("^/new"));
  }

  @Test
  void whatIsTriedSeveralTimesIsToldAsOne() {
    line.cut();
    notice(two);
    var before = one.status().gaps();
    var stranger = ban(two);
    await().until(() -> age(two, stranger).toSeconds() >= 2);
    line.mend();

    await().until(() -> one.users().isBanned(stranger));
    assertThat(one.status().gaps()).isEqualTo(before);
  }

  @Test
  void whoStopsWaitsForNoServerForEver(@TempDir Path folder) {
    try (var silent = RealRedis.in(folder);
        var leaving = TestNode.at(silent.url()).joined()) {
      silent.freeze();
      leaving.records().put(exApp("app"));
    }
  }

  @Test
  void moreThanMayWaitIsLeftOutAndOthersAreToldThatItIs() {
    line.cut();
    notice(two);
    var before = one.status().gaps();
    for (var i = 0; i < 100; i++) {
      two.records().put(exApp("app" + i, publicRoute("^/" + "x".repeat(60_000))));
    }
    assertThat(two.status().leftOut()).isBetween(1L, 99L);
    assertThat(two.status().waitingBytes()).isBetween(3L << 20, 4L << 20);
    assertThat(two.cluster().findings())
        .extracting(Finding::seen)
        .anySatisfy(
            it -> assertThat(it).endsWith("events were not told to other nodes since the start"));

    line.mend();
    await().until(() -> two.status().waitingBytes() == 0);
    spreads(two, one);
    var after = one.status().gaps();
    assertThat(after).isGreaterThan(before);
    spreads(two, one);
    assertThat(one.status().gaps()).as("said once").isEqualTo(after);
    assertThat(Integer.parseInt(redis.cli("EVAL", LARGEST, "1", redis.cli("KEYS", "*journal"))))
        .as("what one entry holds")
        .isLessThan(300_000);
  }

  @Test
  void noEntryIsLargerThanWhatNodesRead() {
    var leftOut = two.status().leftOut();
    var gaps = one.status().gaps();
    // Of three bytes each.
    var large = new JsonObject().put("text", "€".repeat(1_500_000));
    two.cluster().first().journal.tell("of a later version", large);
    assertThat(two.status().leftOut()).isEqualTo(leftOut + 1);

    spreads(two, one);
    await().until(() -> one.status().gaps() > gaps);
  }

  private static Duration age(TestNode node, InetAddress of) {
    return node.users().entries().stream()
        .filter(it -> it.network().equals(of))
        .flatMap(it -> it.failures().stream())
        .map(Failure::age)
        .min(Comparator.naturalOrder())
        .orElseThrow();
  }

  private static String url(TestNode node) {
    return node.records().peek(APP).orElseThrow().routes().routes().get(0).url();
  }

  @Test
  void aFullServerIsSaidAndWhatWaitsIsToldLater() {
    redis.cli("CONFIG", "SET", "maxmemory", "1mb");
    var stranger = ban(one);
    notice(one);
    assertThat(one.status().troubles()).anySatisfy(it -> assertThat(it).contains("OOM"));
    assertThat(one.status().waitingBytes()).isNotNegative();

    redis.cli("CONFIG", "SET", "maxmemory", "0");
    await().until(() -> two.users().isBanned(stranger));
  }

  @Test
  void oneThatCantWriteToItsDiskIsSaidAndWhatWaitsIsToldLater(@TempDir Path folder)
      throws IOException {
    var disk = folder.resolve("disk");
    try (var full = RealRedis.in(disk, "--save", "3600 1");
        var here = TestNode.at(full.url());
        var there = TestNode.at(full.url())) {
      spreads(here.joined(), there.joined());
      Files.delete(disk.resolve("redis.log"));
      Files.delete(disk);
      full.cli("BGSAVE");
      await().until(() -> full.cli("INFO", "persistence").contains("last_bgsave_status:err"));

      var stranger = ban(here);
      notice(here);
      assertThat(here.status().troubles()).anySatisfy(it -> assertThat(it).contains("MISCONF"));

      full.cli("CONFIG", "SET", "stop-writes-on-bgsave-error", "no");
      await().until(() -> there.users().isBanned(stranger));
    }
  }

  @ParameterizedTest
  @CsvSource({"--save, 3600 1", "--appendonly, yes"})
  void oneWhoseDiskIsFullIsSaidAndWhatWaitsIsToldOnceThereIsRoom(
      String option, String value, @TempDir Path folder) throws IOException {
    try (var disk = new SmallDisk(folder.resolve("disk"));
        var full = RealRedis.in(folder.resolve("disk"), option, value);
        var here = TestNode.at(full.url());
        var there = TestNode.at(full.url())) {
      spreads(here.joined(), there.joined());
      disk.fill();
      await()
          .until(
              () -> {
                full.cli("BGSAVE");
                ban(here);
                return here.status().troubles().stream().anyMatch(it -> it.contains("MISCONF"));
              });

      var stranger = ban(here);
      disk.makeRoom();
      await()
          .until(
              () -> {
                full.cli("BGSAVE");
                return there.users().isBanned(stranger) && here.status().troubles().isEmpty();
              });
    }
  }

  @Test
  void nodesStartWithoutTheServer() {
    var port = RealRedis.freePort();
    try (var lonely = TestNode.at("redis://127.0.0.1:" + port)) {
      notice(lonely);
      var stranger = ban(lonely);
      assertThat(lonely.users().isBanned(stranger)).isTrue();
    }
  }
}
