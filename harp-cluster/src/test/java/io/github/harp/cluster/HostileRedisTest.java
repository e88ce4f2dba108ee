// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import static io.github.harp.core.testing.FakeRequest.address;
import static io.github.harp.core.testing.Gate.exApp;
import static io.github.harp.core.testing.Gate.publicRoute;
import static io.github.harp.core.testing.Wait.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.notice.Severity;
import io.github.harp.core.testing.FakeNextcloud;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever can write to Redis has not the key: they may keep nodes from hearing, and no more. */
class HostileRedisTest {

  private static final AtomicInteger STRANGERS = new AtomicInteger();
  private static final AppId APP = new AppId("app");

  private static Vertx vertx;
  private static RealRedis redis;
  private static Redis client;
  private static TestNode one;
  private static TestNode two;
  private static String journal;

  @BeforeAll
  static void startTwoNodes(@TempDir Path folder) {
    vertx = Vertx.vertx();
    redis = RealRedis.in(folder);
    client = Redis.createClient(vertx, redis.url());
    one = TestNode.at(redis.url());
    two = TestNode.at(redis.url());
    one.joined();
    two.joined();
    spreads();
    journal = redis.cli("KEYS", "*journal");
  }

  @AfterEach
  void nodesHearEachOther() {
    spreads();
  }

  @AfterAll
  static void stopAll() {
    one.close();
    two.close();
    client.close();
    redis.close();
    resultOf(vertx.close());
  }

  private static InetAddress ban(TestNode at) {
    var stranger = address("198.51.100." + STRANGERS.incrementAndGet());
    for (var i = 0; i < 3; i++) {
      at.users().record(stranger, "GUESS");
    }
    return stranger;
  }

  private static void spreads() {
    var stranger = ban(one);
    await().until(() -> two.users().isBanned(stranger));
  }

  private static List<byte[]> entries() {
    var all = new ArrayList<byte[]>();
    for (var entry : send(Request.cmd(Command.XRANGE).arg(journal).arg("-").arg("+"))) {
      all.add(entry.get(1).get(1).toBytes());
    }
    return all;
  }

  private static void write(byte[] entry) {
    send(add("*").arg("sealed").arg(Buffer.buffer(entry)));
  }

  private static Request add(String id) {
    return Request.cmd(Command.XADD).arg(journal).arg(id);
  }

  private static Response send(Request request) {
    return resultOf(client.send(request));
  }

  @Test
  void nothingThatIsStoredShowsWhatItIs() {
    one.records().put(exApp("app", publicRoute("^/a-route-to-hide")));
    await().until(() -> two.records().peek(APP).isPresent());

    assertThat(entries())
        .allSatisfy(
            it ->
                assertThat(new String(it, StandardCharsets.ISO_8859_1))
                    .doesNotContain("app", "route", "token", "GUESS", "198.51", TestNode.KEY));
  }

  @Test
  void garbageIsRefusedAndCounted() {
    var before = two.status().refused();
    var random = new Random(7);
    for (var length : new int[] {0, 1, 23, 24, 39, 40, 41, 1_000, 1_000_000}) {
      var junk = new byte[length];
      random.nextBytes(junk);
      write(junk);
    }
    send(add("*").arg("other").arg("field").arg("and").arg("one more"));

    await().until(() -> two.status().refused() == before + 10);
    assertThat(two.cluster().findings())
        .anySatisfy(it -> assertThat(it.severity()).isEqualTo(Severity.WARNING));
  }

  @Test
  void changedEntriesAreRefused() {
    var before = two.status().refused();
    ban(one);
    await().until(() -> one.status().waitingBytes() == 0);
    var genuine = entries().stream().filter(it -> it.length > 40).toList();
    assertThat(genuine).isNotEmpty();
    for (var entry : genuine) {
      entry[entry.length / 2] ^= 1;
      write(entry);
    }

    await().until(() -> two.status().refused() >= before + genuine.size());
  }

  @Test
  void whatIsWrittenAgainHappensOnce() {
    var stranger = ban(one);
    one.records().put(exApp("app", publicRoute("^/old")));
    one.records().put(exApp("app", publicRoute("^/new")));
    await().until(() -> two.users().isBanned(stranger));
    await().until(() -> two.records().peek(APP).equals(one.records().peek(APP)));
    var past = entries();
    one.users().clear(stranger);
    one.records().remove(APP);
    await().until(() -> !two.users().isBanned(stranger) && two.records().peek(APP).isEmpty());

    past.forEach(HostileRedisTest::write);
    spreads();

    assertThat(two.users().isBanned(stranger)).isFalse();
    assertThat(one.users().isBanned(stranger)).isFalse();
    assertThat(two.records().peek(APP)).isEmpty();
    assertThat(one.records().peek(APP)).isEmpty();
  }

  @Test
  void whatAnotherKeySealedIsRefused() throws Exception {
    try (var other = TestNode.withKey("the key of somebody else", redis.url()).joined()) {
      other.records().put(exApp("intruder"));
      await().until(() -> other.status().waitingBytes() == 0);
      await().until(() -> redis.cli("KEYS", "*journal").lines().count() == 2);
      var theirs =
          redis.cli("KEYS", "*journal").lines().filter(it -> !it.equals(journal)).findAny();
      await().until(() -> !redis.cli("XLEN", theirs.orElseThrow()).equals("0"));
      var before = two.status().refused();

      write(
          send(Request.cmd(Command.XRANGE).arg(theirs.orElseThrow()).arg("-").arg("+"))
              .get(0)
              .get(1)
              .get(1)
              .toBytes());

      await().until(() -> two.status().refused() == before + 1);
      assertThat(two.records().peek(new AppId("intruder"))).isEmpty();
    }
  }

  @Test
  void whatWasSealedLongAgoIsRefusedByWhoNeverSawIt() throws Exception {
    // Longer than any failure counts, and no longer than that.
    for (var minutes : new int[] {-10, -4}) {
      var then = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(minutes));
      try (var past = TestNode.withClock(then, redis.url()).joined()) {
        var before = two.status().refused();
        past.records().put(exApp("long-ago"));
        await().until(() -> past.status().waitingBytes() == 0);
        spreads();

        assertThat(two.status().refused()).isGreaterThan(before);
        assertThat(two.records().peek(new AppId("long-ago"))).isEmpty();
      }
    }
  }

  @Test
  void clocksThatDifferByAMinuteChangeNothing() throws Exception {
    var before = two.status().refused();
    for (var minutes : new int[] {-1, 1}) {
      var clock = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(minutes));
      try (var off = TestNode.withClock(clock, redis.url()).joined()) {
        var there = ban(off);
        var here = ban(one);
        await().until(() -> two.users().isBanned(there) && off.users().isBanned(here));
        assertThat(off.users().remaining(here)).isGreaterThan(Duration.ofMinutes(4));
        assertThat(two.users().remaining(there)).isGreaterThan(Duration.ofMinutes(4));
        assertThat(off.status().refused()).isZero();
      }
    }
    assertThat(two.status().refused()).isEqualTo(before);
  }

  @Test
  void aKeyOfAnotherKindAndAnExhaustedStreamAreSaidAndGoneWhenTheyAre() {
    send(Request.cmd(Command.DEL).arg(journal));
    send(Request.cmd(Command.SET).arg(journal).arg("text"));
    one.users().record(address("192.0.2.1"), "GUESS");
    await().until(() -> one.status().troubles().stream().anyMatch(it -> it.contains("WRONGTYPE")));
    send(Request.cmd(Command.DEL).arg(journal));
    spreads();

    write(new byte[7]);
    send(add("18446744073709551615-18446744073709551614").arg("sealed").arg("x"));
    send(add("18446744073709551615-18446744073709551615").arg("sealed").arg("x"));
    one.users().record(address("192.0.2.1"), "GUESS");
    await().until(() -> one.status().troubles().stream().anyMatch(it -> it.contains("exhausted")));
    send(Request.cmd(Command.DEL).arg(journal));
    redis.cli("CLIENT", "KILL", "TYPE", "normal");
  }

  @Test
  void whatIsTooLargeIsPassedOver() {
    var before = two.status().refused();
    for (var large :
        List.of(
            "redis.call('xadd', KEYS[1], '*', 'sealed', string.rep('x', 100000000))",
            "local f = {} for i = 1, 7000 do f[i] = 'x' end"
                + " for i = 1, 20 do redis.call('xadd', KEYS[1], '*', unpack(f, 1, 6000)) end")) {
      redis.cli("EVAL", large, "1", journal);
      spreads();
    }

    await().until(() -> two.status().refused() >= before + 21);
    redis.cli("EVAL", "redis.call('xadd', KEYS[1], '*', 'x', string.rep('x', 1e8))", "1", journal);
    try (var late = TestNode.at(redis.url())) {
      var stranger = ban(one);
      await().until(() -> late.users().isBanned(stranger));
    }
    redis.cli("XTRIM", journal, "MAXLEN", "0");
  }

  @Test
  void whatWasHeldBackReplacesNothingThatWasToldSince() {
    var nextcloud = new FakeNextcloud();
    nextcloud.with(exApp("app", publicRoute("^/new")));
    try (var line = new CutLine(redis.port());
        var late = TestNode.at(line.url(), nextcloud).joined()) {
      var stranger = ban(one);
      await().until(() -> late.users().isBanned(stranger));
      // Then nobody has anything to answer who is asked.
      one.users().clear();
      await().until(() -> late.users().entries().isEmpty() && two.users().entries().isEmpty());
      line.cut();
      var before = entries().size();
      one.records().put(exApp("app", publicRoute("^/old")));
      await().until(() -> entries().size() > before);
      var held = entries().get(before);
      redis.cli("DEL", journal);
      var since = System.nanoTime();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> System.nanoTime() - since > Duration.ofSeconds(12).toNanos());
      two.records().put(exApp("app", publicRoute("^/new")));
      line.mend();
      await().until(() -> late.records().peek(APP).isPresent());
      var known = new CopyOnWriteArrayList<ExApp>();
      late.records().watch(event -> event.when(it -> known.add(it.exApp()), removed -> {}));

      write(held);
      var after = ban(one);
      await().until(() -> late.users().isBanned(after));
      assertThat(known)
          .allSatisfy(it -> assertThat(it.routes().routes().get(0).url()).isEqualTo("^/new"));
    }
  }

  @Test
  void veryManyEntriesKeepNobodyFromHearing() {
    redis.cli(
        "EVAL",
        "for i = 1, 200000 do redis.call('xadd', KEYS[1], '*', 'sealed', string.rep('x', 99)) end",
        "1",
        journal);
    spreads();
    // Of what is too much some is taken away with each entry.
    await()
        .until(
            () -> {
              spreads();
              return Integer.parseInt(redis.cli("XLEN", journal)) < 21_000;
            });
    redis.cli("XTRIM", journal, "MAXLEN", "0");
  }

  @Test
  void entriesFromTheFutureAreNoNewerThanOthers() {
    write(new byte[7]);
    send(add("99999999999999-1").arg("sealed").arg("x"));
    spreads();
    send(Request.cmd(Command.DEL).arg(journal));
    redis.cli("CLIENT", "KILL", "TYPE", "normal");
  }

  @Test
  void whoStartsReadsOnlyWhatStillCounts() {
    redis.cli(
        "EVAL",
        "redis.call('del', KEYS[1]) return redis.call('xadd', KEYS[1], '1-1', 'sealed', 'x')",
        "1",
        journal);
    spreads();
    try (var late = TestNode.at(redis.url()).joined()) {
      assertThat(late.status().refused()).isZero();
    }
  }

  @Test
  void aStreamAsItWasEarlierTellsNothingAgain() {
    var stranger = ban(one);
    await().until(() -> two.users().isBanned(stranger));
    redis.cli("COPY", journal, "earlier");
    one.users().clear(stranger);
    await().until(() -> !two.users().isBanned(stranger));

    redis.cli("COPY", "earlier", journal, "REPLACE");
    redis.cli("DEL", "earlier");
    redis.cli("CLIENT", "KILL", "TYPE", "normal");
    spreads();

    assertThat(two.users().isBanned(stranger)).isFalse();
    assertThat(one.users().isBanned(stranger)).isFalse();
  }
}
