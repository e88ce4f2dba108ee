// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import static io.github.harp.core.testing.Wait.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.core.runtime.orders.OrderLocksContract;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two orders for one ExApp never interleave, whatever node they are given to. */
class OrderLocksTest extends OrderLocksContract {

  private static ExecutorService workers;
  private static RealRedis redis;
  private static CutLine line;
  private static TestNode one;
  private static TestNode two;

  @BeforeAll
  static void startTwoNodes(@TempDir Path folder) {
    workers = Executors.newCachedThreadPool();
    redis = RealRedis.in(folder);
    line = new CutLine(redis.port());
    one = TestNode.at(redis.url());
    two = TestNode.at(line.url());
  }

  @AfterAll
  static void stopAll() {
    one.close();
    two.close();
    line.close();
    redis.close();
    workers.shutdownNow();
  }

  @Override
  protected OrderLocks locks() {
    return one.cluster().first().locks();
  }

  @Override
  protected OrderLocks locksOfAnother() {
    return two.cluster().first().locks();
  }

  @AfterEach
  void nothingIsLeft() {
    await().until(() -> held().isEmpty());
  }

  private static OrderLocks.Held lock(TestNode node, Runnable lost) throws InterruptedException {
    return node.cluster().first().locks().lock(APP, lost);
  }

  private static Future<OrderLocks.Held> wanted(TestNode node) {
    return workers.submit(() -> lock(node, KEPT));
  }

  private static String held() {
    return redis.cli("KEYS", "*order*");
  }

  private static long leftMs() {
    return Long.parseLong(redis.cli("PTTL", held()));
  }

  @Test
  void namesAreNotShown() throws Exception {
    try (var held = lock(one, KEPT);
        var other = two.cluster().first().locks().lock("engine 24000 nc_app_other_data", KEPT)) {
      assertThat(held().lines())
          .hasSize(2)
          .allMatch(it -> it.startsWith("harp:{"))
          .noneMatch(it -> it.matches(".*(app|engine|24000|demo|other|data).*"));
    }
  }

  @Test
  void whatIsGivenBackDoesNotWaitForItsEnd() throws Exception {
    var held = lock(one, KEPT);
    redis.cli("PERSIST", held());
    held.close();

    await().until(() -> held().isEmpty());
  }

  /** How often anybody has asked for a lock: nothing else gets a value whole. */
  private static long questions() {
    return redis
        .cli("INFO", "commandstats")
        .lines()
        .filter(it -> it.startsWith("cmdstat_get:calls="))
        .mapToLong(
            it -> Long.parseLong(it.substring("cmdstat_get:calls=".length(), it.indexOf(','))))
        .sum();
  }

  @Test
  void whoStopsWaitingAsksNoMore() throws Exception {
    var held = lock(one, KEPT);
    var before = questions();
    var waiting = wanted(two);
    await().until(() -> questions() > before + 3);

    waiting.cancel(true);
    held.close();

    // So long that whoever still asks has it.
    var asked = new AtomicLong();
    await()
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> questions() == asked.getAndSet(questions()));
    assertThat(held()).isEmpty();
  }

  @Test
  void whoIsCutOffStopsBeforeAnotherBegins() throws Exception {
    var stopped = new AtomicBoolean();
    var held = lock(two, () -> stopped.set(true));
    held.requireHeld();
    var waiting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                var mine = lock(one, KEPT);
                assertThat(stopped).isTrue();
                assertThatThrownBy(held::requireHeld).isInstanceOf(HarpException.class);
                return mine;
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            },
            workers);

    line.cut();
    waiting.get(60, TimeUnit.SECONDS).close();
    line.mend();
    held.close();
  }

  @Test
  void whatTheServerHasLostAndAnotherTookIsHeldNoMore() throws Exception {
    var stopped = new AtomicBoolean();
    var held = lock(two, () -> stopped.set(true));
    var name = held();
    redis.cli("DEL", name);
    try (var taken = lock(one, KEPT)) {
      await().untilTrue(stopped);

      taken.requireHeld();
      assertThatThrownBy(held::requireHeld)
          .isInstanceOfSatisfying(
              HarpException.class, it -> assertThat(it.code()).isEqualTo(Code.BUSY));

      // Nobody renews this one, so that it is not there again a moment after it was taken away.
      redis.cli("SET", name, "of a third");
      held.close();
      // Asked after that was given back, over the same connection.
      two.cluster().first().locks().lock("another", KEPT).close();
      assertThat(redis.cli("EXISTS", name)).isEqualTo("1");
      redis.cli("DEL", name);
    }
  }

  @Test
  void aLockIsRenewedAlsoOverALostConnection() throws Exception {
    var lost = new AtomicBoolean();
    var held = lock(one, () -> lost.set(true));
    var waiting = wanted(two);
    for (var i = 0; i < 2; i++) {
      await().until(() -> leftMs() < 13_000);
      redis.cli("CLIENT", "KILL", "TYPE", "normal");
      await().until(() -> leftMs() > 13_500);
    }

    assertThat(waiting.isDone()).isFalse();
    assertThat(lost).isFalse();
    held.close();

    waiting.get(30, TimeUnit.SECONDS).close();
  }

  @Test
  void whoStopsLeavesNoConnection() throws Exception {
    var before = connections();
    try (var leaving = TestNode.at(redis.url()).joined()) {
      lock(leaving, KEPT).close();
      assertThat(connections()).isGreaterThan(before);
      resultOf(leaving.cluster().stop());
      await().until(() -> connections() == before);
    }
  }

  private static long connections() {
    return redis.cli("CLIENT", "LIST").lines().count();
  }

  @Test
  void withoutRedisThereIsNoOrderAndTheReasonIsSaid() throws Exception {
    line.cut();
    assertThatThrownBy(() -> lock(two, KEPT))
        .isInstanceOfSatisfying(
            HarpException.class, it -> assertThat(it.code()).isEqualTo(Code.UNAVAILABLE))
        .hasMessageContaining("does not answer");
    line.mend();
    await()
        .ignoreExceptions()
        .until(
            () -> {
              lock(two, KEPT).close();
              return true;
            });
  }
}
