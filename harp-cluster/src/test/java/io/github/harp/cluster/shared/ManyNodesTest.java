// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static io.github.harp.cluster.shared.SimulatedCluster.BANNING;
import static io.github.harp.cluster.shared.SimulatedCluster.address;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.cluster.journal.SimulatedServers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Reporter;
import net.jqwik.api.constraints.IntRange;

/**
 * What nodes agree on whatever happens to them, and how soon very many do.
 *
 * <p>The stories are others each time, and what fails says how it is told again: {@code seed}.
 */
class ManyNodesTest {

  private static final int PORTS = 4;
  private static final int ADDRESSES = 4;

  /**
   * What has to happen, even one thing after the other: a node that is gone is noticed (4.5 s), two
   * looks differ and it is asked (1.8 s), whoever answers has rested (2.1 s), one knows of a later
   * claim of the one that is gone and is patient before it says so (3 s), a client that was
   * elsewhere dials in again (2 s); and some tries to write that come half a second later.
   */
  private static final Duration SOON = Duration.ofSeconds(15);

  private static final int MANY_NEXTCLOUDS = Integer.getInteger("harp.simulation.nextclouds", 10);
  private static final int MANY_NODES = Integer.getInteger("harp.simulation.nodes", 100);

  /** Of all Nextclouds together. */
  private static final int MANY_TUNNELS = Integer.getInteger("harp.simulation.tunnels", 1_000);

  private static final int DIAL_IN_A_SECOND = 10_000;

  private static final int NEXTCLOUDS_APART = Integer.getInteger("harp.simulation.apart", 2);

  enum What {
    DIALS,
    RESTARTS,
    IS_CUT_OFF,
    IS_BACK,
    FAILS,
    IS_CLEARED,
    FLUSHED,
    SHORTENED,
    TIME_PASSES
  }

  record Happens(What what, int one, int other) {}

  /** Somebody did, at a node in one of its lives. */
  private record Failed(
      int nextcloud, int address, SimulatedCluster.Node at, int life, Set<Long> ids) {
    boolean isKept() {
      return at.life() == life;
    }

    boolean isAnyOf(Set<Long> others) {
      return others.containsAll(ids);
    }
  }

  @Provide
  Arbitrary<List<Happens>> story() {
    return Combinators.combine(
            Arbitraries.of(What.class),
            Arbitraries.integers().between(0, 20),
            Arbitraries.integers().between(0, 5))
        .as(Happens::new)
        .list()
        .ofMaxSize(60);
  }

  @Property(tries = 300)
  @Label(
      "whatever happens, soon after it each port has one owner, of whom all know, and bans hold; no"
          + " Nextcloud sees another's")
  void allAgree(
      @ForAll("story") List<Happens> story,
      @ForAll @IntRange(min = 2, max = 6) int nodes,
      @ForAll @IntRange(min = 1, max = 3) int nextclouds,
      @ForAll long seed) {
    var cluster = new SimulatedCluster(nodes, PORTS, nextclouds, seed);
    cluster.allDialIn(DIAL_IN_A_SECOND);
    var failed = new ArrayList<Failed>();
    var cleared = new ArrayList<Failed>();
    for (var each : story) {
      switch (each.what()) {
        case FAILS -> failed.add(of(each, cluster, fails(each, cluster)));
        case IS_CLEARED -> cleared.add(of(each, cluster, clear(each, cluster)));
        default -> happens(each, cluster);
      }
    }
    cluster.nodes.forEach(node -> node.cut(false));
    assertThat(cluster.until(cluster::agreesOnTunnels, SOON)).isLessThan(SOON);
    cluster.time.pass(SOON);
    assertThat(cluster.agreesOnTunnels()).isTrue();
    for (var nextcloud = 0; nextcloud < nextclouds; nextcloud++) {
      assertThat(cluster.foreignPorts(nextcloud)).isEmpty();
      for (var address = 0; address < ADDRESSES; address++) {
        var known = cluster.counted(nextcloud, address(address));
        assertThat(known).hasSize(1);
        var all = of(nextcloud, address, failed);
        var forgotten = ids(of(nextcloud, address, cleared));
        var gone = ids(of(nextcloud, address, cleared).stream().filter(Failed::isKept).toList());
        assertThat(cluster.known(nextcloud, address(address))).noneMatch(gone::contains);
        assertThat(known.iterator().next())
            .isBetween(
                most(all.stream().filter(it -> it.isKept() && !it.isAnyOf(forgotten)).count()),
                most(all.stream().filter(it -> !it.isAnyOf(gone)).count()));
      }
    }
  }

  private static Set<Long> ids(List<Failed> all) {
    return all.stream().flatMap(it -> it.ids().stream()).collect(toSet());
  }

  private static Failed of(Happens it, SimulatedCluster cluster, Set<Long> ids) {
    var node = cluster.node(it.other());
    return new Failed(nextcloudOf(it, cluster), it.one() % ADDRESSES, node, node.life(), ids);
  }

  private static Set<Long> fails(Happens it, SimulatedCluster cluster) {
    var node = cluster.node(it.other());
    return Set.of(node.fails(nextcloudOf(it, cluster), address(it.one() % ADDRESSES)));
  }

  /** Which were known there until then. */
  private static Set<Long> clear(Happens it, SimulatedCluster cluster) {
    var node = cluster.node(it.other());
    var nextcloud = nextcloudOf(it, cluster);
    var address = address(it.one() % ADDRESSES);
    var known = node.known(nextcloud, address);
    node.failures(nextcloud).clear(address);
    return known;
  }

  private static List<Failed> of(int nextcloud, int address, List<Failed> all) {
    return all.stream()
        .filter(it -> it.nextcloud() == nextcloud && it.address() == address)
        .toList();
  }

  private static int nextcloudOf(Happens it, SimulatedCluster cluster) {
    return it.one() / ADDRESSES % cluster.streams.size();
  }

  /** More of them are not counted. */
  private static int most(long failures) {
    return (int) Math.min(failures, BANNING);
  }

  private static void happens(Happens it, SimulatedCluster cluster) {
    var node = cluster.node(it.other());
    switch (it.what()) {
      case DIALS -> cluster.client(it.one()).dial();
      case RESTARTS -> node.restart();
      case IS_CUT_OFF -> node.cut(true);
      case IS_BACK -> node.cut(false);
      case FAILS -> fails(it, cluster);
      case IS_CLEARED -> clear(it, cluster);
      case FLUSHED -> cluster.flush();
      case SHORTENED -> cluster.streams.forEach(stream -> stream.shorten(it.one()));
      case TIME_PASSES -> cluster.time.pass(Duration.ofMillis(50L << it.other()));
    }
  }

  @Property(tries = 100)
  @Label("who is banned at a node that lives on is banned at all, whoever is cut off and robbed")
  void noBanIsLost(@ForAll("story") List<Happens> story, @ForAll long seed) {
    var cluster = new SimulatedCluster(4, PORTS, 3, seed);
    cluster.allDialIn(DIAL_IN_A_SECOND);
    cluster.time.pass(SOON);
    var banned = address(ADDRESSES);
    for (var i = 0; i < BANNING; i++) {
      cluster.node(0).fails(banned);
    }
    for (var each : story) {
      if (each.what() != What.RESTARTS || each.other() % 4 != 0) {
        happens(each, cluster);
      }
    }
    cluster.nodes.forEach(node -> node.cut(false));
    cluster.time.pass(SOON);
    assertThat(cluster.isBannedEverywhere(banned)).isTrue();
  }

  @Property(tries = 1)
  @Label("a node that starts after all is lost is told of a ban, though nobody else has a word")
  void aBanOutlivesTheServers(@ForAll long seed) {
    var cluster = new SimulatedCluster(2, 0, seed);
    cluster.time.pass(SOON);
    for (var i = 0; i < BANNING; i++) {
      cluster.node(0).fails(address(0));
    }
    cluster.time.pass(SOON);
    cluster.flush();
    cluster.node(1).restart();
    cluster.time.pass(SOON);
    assertThat(cluster.isBannedEverywhere(address(0))).isTrue();
  }

  @Property(tries = 1)
  @Label("what was cleared stays so, though one who did not hear of it tells it again")
  void whatWasClearedStaysSo(@ForAll long seed) {
    var cluster = new SimulatedCluster(3, 0, seed);
    cluster.time.pass(SOON);
    for (var i = 0; i < BANNING; i++) {
      cluster.node(0).fails(address(0));
    }
    cluster.time.pass(SOON);
    cluster.node(1).cut(true);
    cluster.node(0).failures(0).clear(address(0));
    cluster.time.pass(SOON);
    assertThat(cluster.counted(0, address(0))).containsExactlyInAnyOrder(0, BANNING);
    cluster.flush();
    cluster.node(1).cut(false);
    cluster.time.pass(SOON);
    assertThat(cluster.counted(0, address(0))).containsExactly(0);
    for (var i = 0; i < BANNING; i++) {
      cluster.node(2).fails(address(0));
    }
    cluster.time.pass(SOON);
    assertThat(cluster.isBannedEverywhere(address(0))).isTrue();
  }

  @Property(tries = 1)
  @Label("who asks is answered, however many others ask all the time")
  void manyWhoAskKeepNobodyWaiting(@ForAll long seed) {
    var cluster = new SimulatedCluster(60, 0, seed);
    cluster.time.pass(SOON);
    for (var i = 0; i < BANNING; i++) {
      cluster.node(0).fails(address(0));
    }
    cluster.time.pass(SOON);
    cluster.flush();
    for (var node = 1; node < 60; node++) {
      cluster.node(node).restart();
      cluster.time.pass(Duration.ofMillis(80));
    }
    assertThat(cluster.node(1).hasBanned(address(0))).isTrue();
  }

  @Property(tries = 1)
  @Label("who was cut off while all was lost asks, though nobody has a word")
  void whoWasCutOffWhileAllWasLostAsks(@ForAll long seed) {
    var cluster = new SimulatedCluster(2, 0, seed);
    cluster.time.pass(SOON);
    cluster.node(1).cut(true);
    for (var i = 0; i < BANNING; i++) {
      cluster.node(0).fails(address(0));
    }
    cluster.time.pass(SOON);
    cluster.flush();
    cluster.node(1).cut(false);
    cluster.time.pass(SOON);
    assertThat(cluster.isBannedEverywhere(address(0))).isTrue();
  }

  @Property(tries = 1)
  @Label("very many nodes and tunnels are found again soon after all have started at once")
  void veryManyAgree(@ForAll long seed, Reporter reporter) {
    var cluster =
        new SimulatedCluster(MANY_NODES, MANY_TUNNELS / MANY_NEXTCLOUDS, MANY_NEXTCLOUDS, seed);
    cluster.allDialIn(DIAL_IN_A_SECOND);
    agreeSoon(cluster, "all start", reporter);
    for (var node = 0; node < MANY_NODES / 3; node++) {
      cluster.node(node).restart();
    }
    agreeSoon(cluster, "a third is killed", reporter);
    for (var nextcloud = 0; nextcloud < MANY_NEXTCLOUDS; nextcloud++) {
      assertThat(cluster.foreignPorts(nextcloud)).isEmpty();
    }
  }

  /**
   * Nextclouds share nothing but when their nodes start and are killed, and one's clients dial in
   * after the other's: so each can be simulated for itself, which very many are too large for
   * together.
   */
  @Property(tries = 1)
  @Label("so are more than a process holds, one Nextcloud after the other")
  void moreThanAProcessHoldsAgree(@ForAll long seed, Reporter reporter) {
    var tunnels = MANY_TUNNELS / MANY_NEXTCLOUDS;
    var counts = new SimulatedServers.Counts(0, 0, 0);
    var slowest = Duration.ZERO;
    var slowestAfterKills = Duration.ZERO;
    for (var apart = 0; apart < NEXTCLOUDS_APART; apart++) {
      var cluster = new SimulatedCluster(MANY_NODES, tunnels, seed + apart);
      cluster.allDialIn(DIAL_IN_A_SECOND);
      slowest = longer(slowest, agreeIn(cluster));
      for (var node = 0; node < MANY_NODES / 3; node++) {
        cluster.node(node).restart();
      }
      slowestAfterKills = longer(slowestAfterKills, agreeIn(cluster));
      counts = counts.and(cluster.counts());
      reporter.publishValue(
          "apart",
          "%d nodes, %d Nextclouds, %d tunnels each: all agree after %d ms, after kills %d ms; %s"
              .formatted(
                  MANY_NODES,
                  apart + 1,
                  tunnels,
                  slowest.toMillis(),
                  slowestAfterKills.toMillis(),
                  counts));
    }
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private static Duration agreeIn(SimulatedCluster cluster) {
    var took = cluster.until(cluster::agreesOnTunnels, SOON);
    assertThat(took).isLessThan(SOON);
    return took;
  }

  private static void agreeSoon(SimulatedCluster cluster, String what, Reporter reporter) {
    var took = agreeIn(cluster);
    var counts = cluster.counts();
    cluster.time.pass(SOON);
    assertThat(cluster.agreesOnTunnels()).isTrue();
    // Each event is read by every node.
    assertThat(cluster.counts().events())
        .isLessThan(8L * (MANY_NODES * MANY_NEXTCLOUDS + MANY_TUNNELS));
    reporter.publishValue(
        what,
        "%d nodes, %d Nextclouds, %d tunnels: all agree after %d ms and %s; later %s"
            .formatted(
                MANY_NODES,
                MANY_NEXTCLOUDS,
                MANY_TUNNELS,
                took.toMillis(),
                counts,
                cluster.counts()));
  }
}
