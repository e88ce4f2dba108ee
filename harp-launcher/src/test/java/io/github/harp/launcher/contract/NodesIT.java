// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What users of three nodes notice of what happens to them: nothing, or little. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class NodesIT {

  private static final Duration LONG = Duration.ofMinutes(1);

  private static ThreeNodes nodes;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    nodes = new ThreeNodes(folder);
    nodes.start();
  }

  @AfterAll
  static void stop() {
    if (nodes != null) {
      nodes.close();
    }
  }

  private interface Question {
    int ask() throws InterruptedException;
  }

  /** Somebody who asks again and again. */
  private static final class Load implements AutoCloseable {
    private static final long PAUSE_MS = 20;
    private final Queue<Integer> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final Thread thread;

    Load(Question question) {
      thread = new Thread(() -> ask(question), "load");
      thread.start();
    }

    private void ask(Question question) {
      try {
        while (true) {
          Thread.sleep(PAUSE_MS);
          var status = question.ask();
          answered.incrementAndGet();
          if (status != 200) {
            failures.add(status);
          }
        }
      } catch (InterruptedException over) {
        // Enough.
      }
    }

    void awaitMore(int answers) {
      var before = answered.get();
      await().atMost(LONG).until(() -> answered.get() >= before + answers);
    }

    @Override
    public void close() {
      thread.interrupt();
      try {
        thread.join(LONG.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void aRollingRestartLosesNoIdempotentRequestAndNoOrder() throws Exception {
    try (var requests = new Load(nodes::get);
        var more = new Load(nodes::get);
        var orders = new Load(nodes::order)) {
      for (var node : nodes.all()) {
        requests.awaitMore(20);
        orders.awaitMore(5);
        node.restart();
      }
      requests.awaitMore(20);
      orders.awaitMore(5);

      assertThat(List.of(requests.failures, more.failures, orders.failures))
          .allSatisfy(failures -> assertThat(failures).isEmpty());
    }
  }

  @Test
  void aNodeThatIsKilledIsMissedForAMoment() throws Exception {
    var node = nodes.withTheExApp();

    node.signal("KILL");
    nodes.awaitAllWell();

    assertThat(nodes.withTheExApp()).isNotSameAs(node);
    node.start().awaitReady();
    nodes.awaitAllWell();
  }

  @Test
  void aNodeThatStandsStillIsMissedForAMomentAndFindsItsTunnelsElsewhere() throws Exception {
    var node = nodes.withTheExApp();

    node.signal("STOP");
    try {
      await().atMost(LONG).until(() -> nodes.get() == 200);
    } finally {
      node.signal("CONT");
    }

    await().atMost(LONG).until(() -> !node.has(ThreeNodes.PORT));
    nodes.awaitAllWell();
    assertThat(nodes.withTheExApp()).isNotSameAs(node);
  }

  @Test
  void whateverHappensToRedisRequestsAreAnswered() throws Exception {
    try (var requests = new Load(nodes::get);
        var more = new Load(nodes::get)) {
      requests.awaitMore(20);
      nodes.redis("CLIENT", "KILL", "TYPE", "normal");
      requests.awaitMore(20);
      nodes.redis("FLUSHALL");
      requests.awaitMore(20);
      nodes.killRedis();
      for (var node : nodes.all()) {
        await().atMost(LONG).until(node::hasTrouble);
      }
      requests.awaitMore(20);
      nodes.startRedis();
      for (var node : nodes.all()) {
        await().atMost(LONG).until(() -> !node.hasTrouble());
      }
      nodes.awaitAllWell();

      assertThat(requests.failures).isEmpty();
      assertThat(more.failures).isEmpty();
    }
  }
}
