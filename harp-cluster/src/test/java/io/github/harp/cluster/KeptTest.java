// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import static io.github.harp.core.testing.Wait.resultOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.key.SharedKey;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
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

  @Test
  void noMoreIsReadThanMayBeKept() {
    new Node("a".repeat(100_000), redis.url()).started().close();

    try (var two = new Node("b", redis.url()).started()) {
      assertThat(two.word).isEqualTo("b");
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
