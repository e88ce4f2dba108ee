// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What users of three nodes notice of what happens to them: nothing, or little. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class NodesIT {

  private static final Duration LONG = ThreeNodes.LONG;

  private static ThreeNodes nodes;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    ThreeNodes.assume();
    nodes = new ThreeNodes(folder);
    nodes.start();
  }

  @AfterAll
  static void stop() {
    if (nodes != null) {
      nodes.close();
    }
  }

  @AfterEach
  void mendAll() {
    nodes.mend();
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
  void aNodeThatIsCutFromRedisServesItsOwnTunnelsAndIsFoundAgain() throws Exception {
    var node = nodes.withTheExApp();
    var other = nodes.others(node).get(0);

    nodes.cutFromRedis(node);
    await().atMost(LONG).until(node::hasTrouble);
    await().atMost(LONG).until(() -> nodes.get(other) == 503);
    assertThat(nodes.get(node)).isEqualTo(200);
    nodes.mend();

    await().atMost(LONG).until(() -> !node.hasTrouble());
    nodes.awaitAllWellAtEach();
    assertThat(nodes.owners()).containsExactly(node);
  }

  @Test
  void aNodeThatIsCutFromItsPeersServesWhatItHasAndTheyWhatTheyCanAgain() throws Exception {
    var node = nodes.withTheExApp();
    var other = nodes.others(node).get(0);

    nodes.cutFromOthers(node);
    await().atMost(LONG).until(() -> nodes.get(other) == 503);
    assertThat(nodes.get(node)).isEqualTo(200);
    nodes.mend();

    nodes.awaitAllWellAtEach();
    assertThat(nodes.owners()).containsExactly(node);
  }

  @Test
  void whatIsOnItsWayToANodeThatIsCutOffEnds() throws Exception {
    var node = nodes.withTheExApp();
    var other = nodes.others(node).get(0);
    var begun = new CountDownLatch(4);
    var ended = new CountDownLatch(4);
    var chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n";
    var switched =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    nodes.exApp().on("/stream", untilItEnds(chunk, begun, ended));
    nodes.exApp().on("/socket", untilItEnds(switched, begun, ended));
    nodes.exApp().on("/late", untilItEnds("", begun, ended));
    nodes.exApp().on("/upload", untilItEnds("", begun, ended));
    try (var stream = nodes.ask(other, "GET", "/stream");
        var socket =
            nodes.ask(
                other,
                "GET",
                "/socket",
                "Connection",
                "Upgrade",
                "Upgrade",
                "websocket",
                "Sec-WebSocket-Version",
                "13",
                "Sec-WebSocket-Key",
                "dGhlIHNhbXBsZSBub25jZQ==");
        var late = nodes.ask(other, "GET", "/late");
        var upload =
            nodes.ask(
                other, "POST", "/upload", "Content-Length", "1000000", RawServer.UNREAD, "")) {
      upload.send("the first of many");
      assertThat(stream.read(12)).isEqualTo("HTTP/1.1 200");
      assertThat(socket.read(12)).isEqualTo("HTTP/1.1 101");
      assertThat(begun.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();

      nodes.cutFromOthers(node);

      assertThat(isCut(stream)).isTrue();
      assertThat(isCut(socket)).isTrue();
      assertThat(upload.answer().status()).isEqualTo(502);
      assertThat(late.answer().status()).isIn(502, 503);
      assertThat(ended.await(LONG.toSeconds(), TimeUnit.SECONDS)).as("the ExApp's side").isTrue();
    }
    nodes.mend();
    nodes.awaitAllWellAtEach();
  }

  /** Says so much, and no more before its connection ends. */
  private static RawServer.Behaviour untilItEnds(
      String answer, CountDownLatch begun, CountDownLatch ended) {
    return (request, in, out) -> {
      out.write(answer.getBytes(US_ASCII));
      begun.countDown();
      try {
        in.transferTo(OutputStream.nullOutputStream());
      } finally {
        ended.countDown();
      }
    };
  }

  /** Whether it ends, and not as if it were complete. */
  private static boolean isCut(Wire wire) {
    try {
      return !wire.read(1 << 20).endsWith("0\r\n\r\n");
    } catch (UncheckedIOException end) {
      return !(end.getCause() instanceof SocketTimeoutException);
    }
  }

  @Test
  void afterAPartitionAPortHasOneOwnerAndThatIsTheLater() throws Exception {
    var node = nodes.withTheExApp();

    nodes.cutFromRedis(node);
    nodes.cutFromOthers(node);
    nodes.cutFromBalancer(node);
    await().atMost(LONG).until(nodes::owners, owners -> owners.stream().anyMatch(it -> it != node));
    assertThat(nodes.owners()).as("while neither side knows of the other").hasSize(2);
    await().atMost(LONG).until(() -> nodes.get() == 200);
    nodes.mend();

    await().atMost(LONG).until(() -> !node.has(ThreeNodes.PORT));
    nodes.awaitAllWellAtEach();
    assertThat(nodes.withTheExApp()).isNotSameAs(node);
  }

  @Test
  void aNodeThatStoodStillInTheMiddleOfItsOrdersSendsNothingMore() throws Exception {
    var late = nodes.withTheExApp();
    var sooner = nodes.others(late).get(0);
    var awake = new CountDownLatch(1);
    var held = nodes.nearEngine(late);
    held.on("/volumes/nc_app_first_data", answeredOnce(awake, RawServer.json(404, "{}")));
    held.on("/volumes/nc_app_second_data", (request, in, out) -> out.write(VOLUME));
    held.on("/containers/create?name=nc_app_second", answeredOnce(awake, new byte[0]));
    held.otherwise((request, in, out) -> out.write(NEVER_STARTED));
    nodes.nearEngine(sooner).otherwise((request, in, out) -> out.write(NEVER_STARTED));
    var lateOrders = List.of(nodes.create(late, "first"), nodes.create(late, "second"));
    await().atMost(LONG).until(() -> held.requests().size() == 3);

    late.signal("STOP");
    try {
      for (var app : List.of("first", "second")) {
        assertThat(nodes.create(sooner, app).get()).isEqualTo(201);
      }
    } finally {
      late.signal("CONT");
      awake.countDown();
    }

    for (var order : lateOrders) {
      assertThat(order.get()).isIn(500, 503);
    }
    assertThat(held.requests()).hasSize(3);
    nodes.awaitAllWellAtEach();
  }

  /** What one engine or another says of whatever it is asked. */
  private static final byte[] VOLUME = RawServer.json(200, "{}");

  private static final byte[] NEVER_STARTED =
      RawServer.json(201, "{\"Id\": \"abc\", \"State\": {\"Status\": \"created\"}}");

  private static RawServer.Behaviour answeredOnce(CountDownLatch when, byte[] answer) {
    return (request, in, out) -> {
      when.await();
      out.write(answer);
      out.close();
    };
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
