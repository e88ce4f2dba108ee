// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import static io.github.harp.core.testing.Wait.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.AppId;
import io.github.harp.core.Secret;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.testing.TestExApp;
import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.Where;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A port has one tunnel, whichever node it is at, and all know where. */
class SharedTunnelsTest {

  private static final TunnelHolder BY_DEMO =
      new TunnelHolder(Optional.of(deployment("its secret")));
  private static final AtomicInteger PORTS = new AtomicInteger(23_000);

  private static RealRedis redis;
  private static TestNode one;
  private static TestNode two;

  private final int port = PORTS.incrementAndGet();

  @BeforeAll
  static void startTwoNodes(@TempDir Path folder) {
    redis = RealRedis.in(folder);
    one = TestNode.called("one", redis.url());
    two = TestNode.called("two", redis.url());
    one.joined();
    two.joined();
  }

  @AfterAll
  static void stopAll() {
    one.close();
    two.close();
    redis.close();
  }

  @BeforeEach
  void bothWork() {
    one.joined();
    two.joined();
    one.ended().clear();
    two.ended().clear();
  }

  private static Deployment deployment(String secret) {
    return Deployment.of(new AppId("demo"), Secret.of(secret));
  }

  private void awaitAt(TestNode node, Where where) {
    awaitAt(node, port, where);
  }

  private static void awaitAt(TestNode node, int port, Where where) {
    await().untilAsserted(() -> assertThat(node.tunnels().at(port)).isEqualTo(where));
  }

  private static Where at(String node) {
    return new Where.Elsewhere(node, BY_DEMO);
  }

  private static Where here() {
    return new Where.Here(BY_DEMO);
  }

  @Test
  void oneThatIsOpenedIsKnownToAllUntilItIsClosed() {
    one.open(port, BY_DEMO);
    awaitAt(two, at("one"));
    await()
        .untilAsserted(() -> assertThat(two.cluster().addressOf("one")).contains(TestNode.ADDRESS));

    one.close(port);
    awaitAt(two, Where.NOWHERE);
    assertThat(two.ended()).isEmpty();
  }

  @Test
  void whoOpensItWithTheKeyIsKnown() {
    one.open(port, TunnelHolder.OF_KEY);

    awaitAt(two, new Where.Elsewhere("one", TunnelHolder.OF_KEY));
  }

  @Test
  void theLaterOneEndsTheEarlier() {
    one.open(port, BY_DEMO);
    awaitAt(two, at("one"));

    two.open(port, BY_DEMO);
    awaitAt(one, at("two"));
    assertThat(one.ended()).containsExactly(port + " its client has dialled in at node two");
    assertThat(two.tunnels().at(port)).isEqualTo(here());

    one.open(port, BY_DEMO);
    awaitAt(two, at("one"));
    assertThat(two.ended()).hasSize(1);
    two.close(port);
    assertThat(one.tunnels().at(port)).isEqualTo(here());
  }

  @Test
  void twoAtOnceLeaveOne() {
    for (var i = 0; i < 20; i++) {
      one.open(port, BY_DEMO);
      two.open(port, BY_DEMO);
      await()
          .untilAsserted(
              () ->
                  assertThat(List.of(one.tunnels().at(port), two.tunnels().at(port)))
                      .isIn(List.of(here(), at("one")), List.of(at("two"), here())));
    }
  }

  @Test
  void whoseTunnelsThereWereAllKnow() {
    two.open(port, BY_DEMO);
    var exApp = TestExApp.at("127.0.0.1", port, "demo", "its secret");
    await().until(() -> one.tunnels().reachedAs(exApp).isPresent());
    two.close(port);
    awaitAt(one, Where.NOWHERE);
    assertThat(one.tunnels().past().get(port)).isEqualTo(two.tunnels().past().get(port));
    assertThat(one.tunnels().reachedAs(exApp)).contains(exApp.deployment());

    one.tunnels().expect(deployment("a later one"), port);
    await().until(() -> two.tunnels().past().get(port).equals(one.tunnels().past().get(port)));
  }

  @Test
  void moreThanEachRemembersAreToldOnceAndNotForEver() {
    for (var i = 0; i < 24; i++) {
      (i % 2 == 0 ? one : two).tunnels().expect(deployment("secret " + i), port);
    }
    one.open(port + 500, BY_DEMO);
    awaitAt(two, port + 500, at("one"));
    var before = one.status().heard() + two.status().heard();

    for (var i = 0; i < 20; i++) {
      two.open(port + 501 + i, BY_DEMO);
      awaitAt(one, port + 501 + i, at("two"));
    }

    assertThat(one.status().heard() + two.status().heard() - before)
        .as("each opened tunnel and whose it is, and what was on its way of the 24")
        .isLessThan(20 * 3 + 24 * 2);
  }

  @Test
  void aNodeThatStartsLearnsWhatThereIs() {
    one.open(port, BY_DEMO);
    awaitAt(two, at("one"));
    redis.cli("FLUSHALL");

    try (var late = TestNode.called("late", redis.url()).joined()) {
      awaitAt(late, at("one"));
      assertThat(late.tunnels().past()).containsEntry(port, one.tunnels().past().get(port));
      late.open(port, BY_DEMO);
      awaitAt(two, at("late"));
    }
    awaitAt(two, Where.NOWHERE);
  }

  @Test
  void whatANodeHadThatIsGoneIsNobodysUntilItIsBack() {
    try (var line = new CutLine(redis.port());
        var far = TestNode.called("far", line.url()).joined()) {
      far.open(port, BY_DEMO);
      awaitAt(one, at("far"));

      line.cut();
      awaitAt(one, Where.NOWHERE);
      assertThat(far.tunnels().at(port)).as("it serves on").isEqualTo(here());
      assertThat(one.status().orphans()).contains(String.valueOf(port));
      assertThat(one.cluster().findings())
          .extracting(Finding::seen)
          .anySatisfy(it -> assertThat(it).contains(String.valueOf(port), "a node that is gone"));

      line.mend();
      awaitAt(one, at("far"));
      await().until(() -> !one.status().orphans().contains(String.valueOf(port)));
      assertThat(far.ended()).isEmpty();
    }
  }

  @Test
  void afterAPartitionThereIsOneOwnerTheLatest() {
    try (var line = new CutLine(redis.port());
        var far = TestNode.called("far", line.url()).joined()) {
      far.open(port, BY_DEMO);
      awaitAt(one, at("far"));
      line.cut();
      awaitAt(one, Where.NOWHERE);
      one.open(port, BY_DEMO);
      awaitAt(two, at("one"));
      assertThat(far.tunnels().at(port)).isEqualTo(here());

      line.mend();

      awaitAt(far, at("one"));
      assertThat(far.ended()).hasSize(1);
      assertThat(one.tunnels().at(port)).isEqualTo(here());
      assertThat(one.ended()).isEmpty();
    }
  }

  @Test
  void whileTheServersAreAwayWhatIsKnownHolds() {
    one.open(port, BY_DEMO);
    awaitAt(two, at("one"));
    redis.freeze();
    await().until(() -> !two.status().troubles().isEmpty());
    await().until(() -> !one.status().troubles().isEmpty());
    assertThat(two.tunnels().at(port)).isEqualTo(at("one"));

    redis.thaw();
    two.joined();
    one.joined();
    assertThat(two.tunnels().at(port)).isEqualTo(at("one"));
  }

  @Test
  void whatWasLostIsNoticedAndAskedFor() {
    try (var line = new CutLine(redis.port());
        var far = TestNode.called("far", line.url()).joined()) {
      line.cut();
      await().until(() -> !far.status().troubles().isEmpty());
      one.open(port, BY_DEMO);
      awaitAt(two, at("one"));
      redis.cli("DEL", redis.cli("KEYS", "*journal"));
      line.mend();

      awaitAt(far, at("one"));
    }
  }

  @Test
  void whoWritesToTheServersMovesNoTunnel() {
    one.open(port, BY_DEMO);
    awaitAt(two, at("one"));
    one.close(port);
    awaitAt(two, Where.NOWHERE);
    two.open(port, BY_DEMO);
    awaitAt(one, at("two"));
    var vertx = Vertx.vertx();
    var client = Redis.createClient(vertx, redis.url());
    try {
      var journal = redis.cli("KEYS", "*journal");
      var past = new ArrayList<byte[]>();
      for (var entry :
          resultOf(client.send(Request.cmd(Command.XRANGE).arg(journal).arg("-").arg("+")))) {
        past.add(entry.get(1).get(1).toBytes());
      }
      // Each as it was, and as something that it was not.
      for (var entry : List.copyOf(past)) {
        var changed = entry.clone();
        changed[changed.length - 1] ^= 1;
        past.add(changed);
      }
      for (var entry : past) {
        resultOf(
            client.send(
                Request.cmd(Command.XADD)
                    .arg(journal)
                    .arg("*")
                    .arg("sealed")
                    .arg(Buffer.buffer(entry))));
      }
      redis.cli("HSET", "harp:nodes", "stranger", redis.cli("HGET", "harp:nodes", "two"));
      one.open(port + 500, BY_DEMO);
      await().until(() -> two.tunnels().at(port + 500).holder().isPresent());

      assertThat(one.tunnels().at(port)).isEqualTo(at("two"));
      assertThat(two.tunnels().at(port)).isEqualTo(here());
      assertThat(one.cluster().addressOf("stranger")).isEmpty();
    } finally {
      redis.cli("HDEL", "harp:nodes", "stranger");
      client.close();
      resultOf(vertx.close());
    }
  }
}
