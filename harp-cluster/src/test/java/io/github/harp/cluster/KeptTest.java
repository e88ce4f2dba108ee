// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import static io.github.harp.core.testing.Wait.resultOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.cluster.redis.Seal;
import io.github.harp.core.key.SharedKey;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of several that were made, all nodes end with the one that counts: here, the smallest word. */
class KeptTest {

  /** Bytes, and sealed. */
  private static final int MOST = 65_496;

  private static final int SEALED = 65_536;

  private RealRedis redis;

  @BeforeEach
  void startRedis(@TempDir Path folder) {
    redis = RealRedis.in(folder);
  }

  @AfterEach
  void stopRedis() {
    redis.close();
  }

  private static class Word implements Kept {

    final BlockingQueue<CountDownLatch> pauses = new LinkedBlockingQueue<>();
    final BlockingQueue<CountDownLatch> paused = new LinkedBlockingQueue<>();
    volatile String word;

    Word(String word) {
      this.word = word;
    }

    @Override
    public byte[] own() {
      return word.getBytes(UTF_8);
    }

    @Override
    public boolean offered(byte[] theirs) {
      var other = new String(theirs, UTF_8);
      if (other.compareTo(word) < 0) {
        word = other;
      }
      var countsMore = word.compareTo(other) < 0;
      pause();
      return countsMore;
    }

    private void pause() {
      var pause = pauses.poll();
      if (pause != null) {
        paused.add(pause);
        try {
          pause.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  private static final class Node extends Word implements AutoCloseable {

    private final Vertx vertx = Vertx.vertx();
    private final HarpCluster cluster;
    private final Runnable changed;

    Node(String word, String url) {
      super(word);
      cluster =
          new HarpCluster(
              vertx,
              RedisServersTest.options(url),
              SharedKey.of(TestNode.KEY),
              "1",
              Clock.systemUTC(),
              Duration.ofMinutes(5));
      changed = cluster.keep("word", this);
    }

    Node started() {
      resultOf(cluster.start(Optional.empty()));
      return this;
    }

    @Override
    public void close() {
      resultOf(cluster.stop());
      resultOf(vertx.close());
    }
  }

  @Test
  void aNodeHasWhatTheOthersHaveWhenItHasStarted() {
    try (var one = new Node("b", redis.url()).started();
        var two = new Node("c", redis.url()).started()) {
      assertThat(two.word).isEqualTo("b");
      assertThat(one.word).isEqualTo("b");
    }
  }

  @Test
  void whatCountsMoreSpreadsWhoeverStartsLater() {
    try (var one = new Node("m", redis.url()).started();
        var two = new Node("c", redis.url()).started()) {
      await().until(() -> one.word.equals("c"));
      one.word = "a";
      one.changed.run();
      await().until(() -> two.word.equals("a"));
    }
  }

  @Test
  void whoeverWritesToTheServersGivesNobodyAnything() {
    try (var one = new Node("b", redis.url()).started();
        var two = new Node("c", redis.url()).started()) {
      var key = redis.cli("KEYS", "*word");
      assertThat(redis.cli("GET", key)).doesNotStartWith("b");
      redis.cli("SET", key, "a");
      one.changed.run();
      await().until(() -> !redis.cli("GET", key).equals("a"));
      redis.cli("SET", key, "x".repeat(100_000));
      one.changed.run();
      await().until(() -> redis.cli("STRLEN", key).length() < 5);
      assertThat(one.word).isEqualTo("b");
      assertThat(two.word).isEqualTo("b");
    }
  }

  @Test
  void whatIsKeptUnderOneNameIsNothingUnderAnother() {
    try (var one = new Node("a", redis.url());
        var two = new Node("b", redis.url())) {
      one.cluster.keep("another", new Word("c"));
      var another = new Word("c");
      two.cluster.keep("another", another);
      one.started();
      var key = redis.cli("KEYS", "*word");
      redis.cli("COPY", key, key.replaceAll("word$", "another"), "REPLACE");

      two.started();

      assertThat(two.word).isEqualTo("a");
      assertThat(another.word).isEqualTo("c");
    }
  }

  /** As a node of a version without a limit would. */
  private static void write(Node through, String url, String key, String word) {
    var seal = new Seal(SharedKey.of(TestNode.KEY).stretched("harp cluster", 256));
    var client = Redis.createClient(through.vertx, url);
    var sealed = Buffer.buffer(seal.writer(key).seal(word.getBytes(UTF_8)));
    resultOf(client.send(Request.cmd(Command.SET).arg(key).arg(sealed)));
    client.close();
  }

  @Test
  void noMoreIsReadThanMayBeKept() {
    try (var one = new Node("b", redis.url()).started()) {
      var key = redis.cli("KEYS", "*word");
      write(one, redis.url(), key, "a".repeat(MOST));
      one.changed.run();
      await().until(() -> one.word.length() == MOST);

      write(one, redis.url(), key, "A".repeat(MOST + 2));
      one.changed.run();
      await().until(() -> redis.cli("STRLEN", key).equals(String.valueOf(SEALED)));
      assertThat(one.word).isEqualTo("a".repeat(MOST));
    }
  }

  @Test
  void whatOthersWouldNotReadIsRefusedAndTheReasonIsSaid() {
    try (var one = new Node("b".repeat(MOST), redis.url()).started();
        var two = new Node("c", redis.url()).started()) {
      assertThat(two.word).isEqualTo(one.word);
      var key = redis.cli("KEYS", "*word");

      one.word = "a".repeat(MOST + 1);
      one.changed.run();

      await()
          .until(
              () ->
                  one.cluster
                      .status()
                      .troubles()
                      .contains(
                          "word of this node: 65497 bytes, so other nodes would not read them;"
                              + " expected at most 65496"));
      assertThat(redis.cli("STRLEN", key)).isEqualTo(String.valueOf(SEALED));
      assertThat(two.word).isEqualTo("b".repeat(MOST));

      one.word = "a";
      one.changed.run();
      await().until(() -> two.word.equals("a") && one.cluster.status().troubles().isEmpty());
    }
  }

  @Test
  void whatChangesWhileANodeLooksIsTold() throws Exception {
    try (var one = new Node("m", redis.url()).started();
        var two = new Node("m", redis.url()).started()) {
      var pause = new CountDownLatch(1);
      one.pauses.add(pause);
      one.changed.run();
      assertThat(one.paused.poll(20, TimeUnit.SECONDS)).isSameAs(pause);
      one.word = "a";
      one.changed.run();
      var heard = Promise.<Void>promise();
      one.cluster.context.runOnContext(it -> heard.complete());
      resultOf(heard.future());

      pause.countDown();

      await().until(() -> two.word.equals("a"));
    }
  }

  @Test
  void whileTheServersAreAwayANodeStartsWithItsOwn() {
    redis.kill();
    try (var one = new Node("b", redis.url()).started()) {
      await()
          .until(
              () ->
                  one.cluster.status().troubles().stream().anyMatch(trouble -> !trouble.isEmpty()));
      assertThat(one.word).isEqualTo("b");
    } finally {
      redis.start();
    }
  }

  @Test
  void serversThatSayNothingKeepNoNodeFromStarting() {
    redis.freeze();
    try (var one = new Node("b", redis.url()).started()) {
      assertThat(one.word).isEqualTo("b");
    } finally {
      redis.thaw();
    }
  }
}
