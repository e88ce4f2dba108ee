// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import static io.github.harp.core.testing.FakeRequest.address;
import static io.github.harp.core.testing.Wait.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.cluster.redis.Seal;
import io.github.harp.core.AppId;
import io.github.harp.core.Secret;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.Where;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that starts can tell when it knows what the others do: nothing is awaited after that. */
class CatchUpTest {

  private static final InetAddress MALLORY = address("203.0.113.7");
  private static final Deployment DEMO = Deployment.of(new AppId("demo"), Secret.of("its secret"));
  private static final TunnelHolder BY_DEMO = new TunnelHolder(Optional.of(DEMO));
  private static final int PORT = 23_001;
  private static final int FORMER_PORT = 23_002;

  /** Longer than any test takes. */
  private static final Duration EVER = Duration.ofHours(1);

  private RealRedis redis;

  @BeforeEach
  void startRedis(@TempDir Path folder) {
    redis = RealRedis.in(folder);
  }

  @AfterEach
  void stopRedis() {
    redis.close();
  }

  private TestNode start(String name) {
    return TestNode.called(name, redis.url());
  }

  private static TestNode caughtUp(TestNode node) {
    resultOf(node.cluster().first().caughtUp(EVER));
    return node;
  }

  /** What its journal has of it is gone. */
  private void learnSomething(TestNode one) {
    one.open(PORT, BY_DEMO);
    one.tunnels().expect(DEMO, FORMER_PORT);
    for (var i = 0; i < 3; i++) {
      one.users().record(MALLORY, "GUESS");
    }
    await().until(() -> one.status().waitingBytes() == 0);
    redis.cli("FLUSHALL");
  }

  /** One that says what it has now. */
  private void awaitSignOfLifeOf(String node) {
    var before = redis.cli("HGET", "harp:nodes", node);
    await().until(() -> !redis.cli("HGET", "harp:nodes", node).equals(before));
  }

  private static void assertKnowsAllOf(TestNode one, TestNode late) {
    assertThat(late.tunnels().at(PORT)).isEqualTo(new Where.Elsewhere("one", BY_DEMO));
    assertThat(late.tunnels().past()).isEqualTo(one.tunnels().past());
    assertThat(late.users().isBanned(MALLORY)).isTrue();
    assertThat(late.cluster().addressOf("one")).contains(TestNode.ADDRESS);
  }

  @Test
  void whatOnlyAnotherNodeRemembersIsKnownThen() {
    try (var one = caughtUp(start("one"))) {
      learnSomething(one);

      try (var late = caughtUp(start("late"))) {
        assertKnowsAllOf(one, late);
      }
    }
  }

  @Test
  void thatHoldsForThoseThatStartWhileTheOthersRestFromAnswering() {
    try (var one = caughtUp(start("one"))) {
      learnSomething(one);

      try (var second = caughtUp(start("second"))) {
        redis.cli("FLUSHALL");
        awaitSignOfLifeOf("one");
        try (var third = start("third");
            var fourth = start("fourth")) {
          for (var late : List.of(caughtUp(third), caughtUp(fourth), second)) {
            assertKnowsAllOf(one, late);
          }
        }
      }
    }
  }

  @Test
  void whereAllStartAtOnceNobodyIsWaitedFor() {
    try (var one = start("one");
        var two = start("two");
        var three = start("three")) {
      caughtUp(one);
      caughtUp(two);
      caughtUp(three);
    }
  }

  @Test
  void whoIsGoneIsNotWaitedFor() {
    try (var one = caughtUp(start("one"));
        var line = new CutLine(redis.port());
        var gone = caughtUp(TestNode.called("gone", line.url()))) {
      learnSomething(one);
      gone.open(PORT + 10, BY_DEMO);
      await().until(() -> one.tunnels().at(PORT + 10).holder().isPresent());
      line.cut();
      awaitSignOfLifeOf("one");
      redis.cli("DEL", redis.cli("KEYS", "*journal"));

      try (var late = caughtUp(start("late"))) {
        assertKnowsAllOf(one, late);
      }
    }
  }

  @Test
  void eachThatIsThereIsWaitedFor() {
    try (var one = caughtUp(start("one"));
        var line = new CutLine(redis.port());
        var slow = caughtUp(TestNode.called("slow", line.url()))) {
      slow.open(PORT, BY_DEMO);
      await().until(() -> one.tunnels().at(PORT).holder().isPresent());
      awaitSignOfLifeOf("slow");
      line.cut();
      redis.cli("DEL", redis.cli("KEYS", "*journal"));

      try (var late = start("late")) {
        caughtUp(late);
        assertThat(late.cluster().addressOf("slow")).as("whose tunnels nobody knows").isEmpty();
      }
    }
  }

  @Test
  void whoKnowsFailuresAndDoesNotAnswerIsWaitedForWhileItCountsAsThere() {
    try (var line = new CutLine(redis.port());
        var slow = caughtUp(TestNode.called("slow", line.url()))) {
      // Longer than it counts as there without a word.
      var since = System.nanoTime();
      await().until(() -> System.nanoTime() - since > Duration.ofSeconds(6).toNanos());
      awaitSignOfLifeOf("slow");
      line.cut();

      try (var late = caughtUp(start("late"))) {
        assertThat(late.cluster().addressOf("slow")).as("who has not answered").isEmpty();
      }
    }
  }

  /** For how long it says that it knows what all do. */
  private long knows(String node) {
    var said = new JsonObject(redis.cli("HGET", "harp:nodes", node));
    var seal = new Seal(SharedKey.of(TestNode.KEY).stretched("harp cluster", 256));
    var content = seal.open("harp:nodes " + node, said.getBinary("sealed")).orElseThrow().content();
    return new JsonObject(Buffer.buffer(content))
        .getJsonObject("serves")
        .getJsonObject("")
        .getLong("knows");
  }

  @Test
  void whoMissesSomethingSaysNoMoreThatItKnowsAll() {
    try (var one = caughtUp(start("one"))) {
      var known = new AtomicLong();
      await().until(() -> known.accumulateAndGet(knows("one"), Math::max) > 3_000);
      redis.cli("DEL", redis.cli("KEYS", "*journal"));
      redis.cli("CLIENT", "KILL", "TYPE", "normal");

      await().until(() -> knows("one") < known.get());
      await().until(() -> knows("one") > 0);
      assertThat(one.status().gaps()).isPositive();
    }
  }

  @Test
  void serversThatAreAwayKeepNobodyFromBeginning() {
    try (var one = caughtUp(start("one"))) {
      learnSomething(one);
      redis.freeze();
      Future<Void> known;
      try (var late = start("late")) {
        resultOf(late.cluster().first().caughtUp(Duration.ofMillis(1)));
        assertThat(late.users().isBanned(MALLORY)).isFalse();
        known = late.cluster().first().caughtUp(EVER);
        assertThat(known.isComplete()).isFalse();

        redis.thaw();
        resultOf(known);
        assertKnowsAllOf(one, late);
      } finally {
        redis.thaw();
      }
    }
  }
}
