// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.cluster.journal.SimulatedTime;
import io.github.harp.core.ban.BanList;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.ban.FailuresContract;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Whether others hear of them or not, they are counted here as ever. */
class SharedFailuresTest extends FailuresContract {

  @Override
  protected Failures failures(int count, Duration window, Ticker time) {
    var alone = new SimulatedCluster(1, 0, 0).node(0);
    return alone.shares(new BanList("users", count, window, time));
  }

  @Test
  void whatANodeOfAnEarlierVersionTellsCountsAsItDidThere() {
    var cluster = new SimulatedCluster(1, 0, 0);
    var earlier = cluster.streams.get(0).line("earlier");
    var mallory = SimulatedCluster.address(1);
    var failure = new JsonObject().put("network", "10.0.0.1").put("reason", "GUESS");
    earlier.tell("failure of users", failure);
    earlier.tell("failure of users", failure);
    cluster.node(0).fails(mallory);
    cluster.time.pass(Duration.ofSeconds(1));
    assertThat(cluster.counted(0, mallory)).containsExactly(3);

    var all = new JsonArray();
    for (var i = 0; i < 5; i++) {
      all.add(new JsonObject().put("reason", "GUESS").put("age", 1_000));
    }
    var known = new JsonObject().put("network", "10.0.0.1").put("failures", all);
    for (var i = 0; i < 2; i++) {
      earlier.tellAll("failures of users", "networks", List.of(known));
      cluster.time.pass(Duration.ofSeconds(1));
      assertThat(cluster.counted(0, mallory)).containsExactly(5);
    }

    cluster.node(0).failures(0).clear(mallory);
    assertThat(cluster.counted(0, mallory)).containsExactly(0);
    earlier.tell("failure of users", failure);
    cluster.time.pass(Duration.ofSeconds(1));
    assertThat(cluster.counted(0, mallory)).as("since it was cleared").containsExactly(1);
  }

  @Test
  void whatIsClearedIsSaidByItsIdsAndIsSoWhateverIsHeardFirst() {
    var cluster = new SimulatedCluster(2, 0, 0);
    var mallory = SimulatedCluster.address(1);
    var one = cluster.node(0).failures(0);
    var two = cluster.node(1).failures(0);
    var late = new Failures.Failure("GUESS", Duration.ZERO, 7);
    var seen = new ArrayList<Failures.Event>();
    two.clear(mallory, Set.of(7L));
    cluster.time.pass(Duration.ofSeconds(1));
    two.watch(seen::add);
    one.record(mallory, late);
    cluster.time.pass(Duration.ofSeconds(1));
    assertThat(two.of(mallory)).isEmpty();
    assertThat(seen).as("nor was it for a moment").isEmpty();

    one.clear();
    two.record(mallory, "GUESS");
    cluster.time.pass(Duration.ofSeconds(1));
    assertThat(cluster.counted(0, mallory)).containsExactly(1);
    two.clear();
    cluster.time.pass(Duration.ofSeconds(1));
    assertThat(cluster.counted(0, mallory)).containsExactly(0);
  }

  @Test
  void whatIsClearedWhileItIsRecordedIsSo() {
    var mallory = SimulatedCluster.address(1);
    var alone = new SimulatedCluster(1, 0, 0);
    var list = new BanList("guesses", 3, Duration.ofMinutes(5), alone.time::nanos);
    var shared = new AtomicReference<Failures>();
    // On another thread, in the middle of it.
    InvocationHandler cleared =
        (proxy, method, arguments) -> {
          if (method.getName().equals("record") && shared.get() != null) {
            shared.get().clear(mallory, Set.of(7L));
          }
          return method.invoke(list, arguments);
        };
    var local =
        (Failures)
            Proxy.newProxyInstance(
                Failures.class.getClassLoader(), new Class<?>[] {Failures.class}, cleared);
    shared.set(alone.node(0).shares(local));

    var other = alone.streams.get(0).line("other");
    other.tell(
        "failure of guesses",
        new JsonObject().put("network", "10.0.0.1").put("reason", "GUESS").put("id", 7));
    alone.time.pass(Duration.ofSeconds(1));

    assertThat(list.of(mallory)).isEmpty();
  }

  @Test
  void whoeverForgetsAllRemembersThatToo() {
    for (var networks : new int[] {1, Forgotten.MOST + 1}) {
      var cluster = new SimulatedCluster(2, 0, 0);
      var one = cluster.node(0).failures(0);
      for (var i = 0; i < networks; i++) {
        one.record(SimulatedCluster.address(i), "GUESS");
      }
      var network = SimulatedCluster.address(networks - 1);
      cluster.time.pass(Duration.ofMinutes(1));
      var late = one.of(network).get(0);
      one.clear();
      cluster.time.pass(Duration.ofMinutes(1));

      // Somebody who did not hear that.
      var failure = new JsonObject().put("reason", late.reason()).put("id", late.id());
      cluster
          .streams
          .get(0)
          .line("late")
          .tellAll(
              "failures of users",
              "networks",
              List.of(
                  new JsonObject()
                      .put("network", network.getHostAddress())
                      .put("failures", new JsonArray().add(failure))));
      cluster.time.pass(Duration.ofSeconds(1));
      assertThat(cluster.counted(0, network)).containsExactly(0);
    }
  }

  /** Events of this kind that somebody hears who asks about failures. */
  private static List<JsonObject> toldWhoAsks(SimulatedCluster cluster, String kind) {
    var told = new ArrayList<JsonObject>();
    var asking = cluster.streams.get(0).line("asking");
    asking.listen(kind, heard -> told.add(heard.event()));
    asking.open();
    cluster.time.pass(Duration.ofSeconds(20));
    told.clear();
    asking.tell("which failures of users", new JsonObject().put("run", "asking"));
    cluster.time.pass(Duration.ofSeconds(20));
    return told;
  }

  @Test
  void whatAllKnowOneTellsWhoAsks() {
    var cluster = new SimulatedCluster(10, 0, 0);
    cluster.node(0).fails(SimulatedCluster.address(1));
    cluster.time.pass(Duration.ofSeconds(20));

    assertThat(toldWhoAsks(cluster, "failures of users")).hasSize(1);
  }

  @Test
  void anAnswerHasABoundAndTellsOfThoseThatAreBannedFirst() {
    var cluster = new SimulatedCluster(1, 0, 0);
    for (var i = 0; i < 6_000; i++) {
      cluster.node(0).fails(SimulatedCluster.address(i));
    }
    for (var i = 0; i < SimulatedCluster.BANNING; i++) {
      cluster.node(0).fails(SimulatedCluster.address(6_000));
    }
    cluster.time.pass(Duration.ofMinutes(1));

    var told =
        toldWhoAsks(cluster, "failures of users").stream()
            .flatMap(event -> event.getJsonArray("networks").stream())
            .map(network -> ((JsonObject) network).getString("network"));
    assertThat(told).hasSize(5_000).startsWith(SimulatedCluster.address(6_000).getHostAddress());
  }

  @Test
  void whatIsForgottenOneTellsWhoAsks() {
    var cluster = new SimulatedCluster(10, 0, 0);
    var mallory = SimulatedCluster.address(1);
    cluster.node(0).fails(mallory);
    cluster.time.pass(Duration.ofSeconds(1));
    cluster.node(1).failures(0).clear(mallory);
    cluster.time.pass(Duration.ofSeconds(1));

    assertThat(toldWhoAsks(cluster, "cleared failures of users")).hasSize(1);
  }

  @Test
  void moreThanCanBeSaidByIdsIsClearedToo() {
    var cluster = new SimulatedCluster(2, 0, 0);
    for (var i = 0; i <= Forgotten.MOST; i++) {
      cluster.node(0).failures(0).record(SimulatedCluster.address(i), "GUESS");
    }
    cluster.time.pass(Duration.ofMinutes(1));
    assertThat(cluster.node(1).failures(0).entries()).hasSize(Forgotten.MOST + 1);
    var before = cluster.counts().events();
    cluster.node(0).failures(0).clear();
    cluster.time.pass(Duration.ofMinutes(1));
    assertThat(cluster.node(1).failures(0).entries()).isEmpty();
    assertThat(cluster.counts().events() - before).as("in a word").isEqualTo(1);
  }

  @Test
  void aWindowOfNoTimeOrOfAllIsOneToo() {
    var time = new SimulatedTime();
    var id = Set.of(7L);
    for (var none : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
      var forgotten = new Forgotten(none, time::nanos);
      forgotten.add(SimulatedCluster.address(1), id);
      assertThat(forgotten.contains(7)).isFalse();
    }
    var ever = new Forgotten(Duration.ofSeconds(Long.MAX_VALUE), time::nanos);
    ever.add(SimulatedCluster.address(1), id);
    time.pass(Duration.ofDays(1_000));
    assertThat(ever.contains(7)).isTrue();
  }

  @Test
  void whatIsForgottenIsBoundedInNumberAndTime() {
    var time = new SimulatedTime();
    var forgotten = new Forgotten(Duration.ofMinutes(5), time::nanos);
    for (var id = 0L; id < 3L * Forgotten.MOST; id++) {
      forgotten.add(SimulatedCluster.address(1), Set.of(id));
    }
    assertThat(forgotten.all().values()).allMatch(it -> it.size() <= Forgotten.MOST);
    time.pass(Duration.ofMinutes(4));
    forgotten.add(SimulatedCluster.address(1), forgotten.all().get(SimulatedCluster.address(1)));
    assertThat(forgotten.all()).isNotEmpty();
    time.pass(Duration.ofMinutes(1));
    assertThat(forgotten.all()).isEmpty();
  }
}
