// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.cluster.shared.PortClaims.Claim;
import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.Where;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Nodes that hear of each other late, in any order, or not at all for a while. */
class PortClaimsTest {

  private static final int PORTS = 3;

  private static final int MANY_PORTS = 100;

  /** A third of a third, and so on, of all that all have to hear, is less than one by then. */
  private static final int MOST_EXCHANGES = 20;

  /** A node with its tunnels, as many lives as it takes. */
  private static final class Replica {
    private final String node;
    private String run;
    private PortClaims claims;
    private final Map<Integer, TunnelHolder> here = new HashMap<>();
    private final List<Claim> inbox = new ArrayList<>();

    Replica(String node) {
      this.node = node;
      restart(0);
    }

    void restart(int life) {
      run = node + "#" + life;
      claims = new PortClaims(run, node);
      here.clear();
      inbox.clear();
    }
  }

  @Property(tries = 500)
  @Label("whatever was lost or late, in the end each port has one owner, and all agree who")
  void thereIsOneOwner(
      @ForAll @IntRange(min = 2, max = 6) int nodes,
      @ForAll @IntRange(min = 1, max = 80) int steps,
      @ForAll long seed) {
    var random = new Random(seed);
    var clock = 0L;
    var all = new ArrayList<Replica>();
    for (var i = 0; i < nodes; i++) {
      all.add(new Replica("node" + i));
    }
    for (var step = 0; step < steps; step++) {
      var one = all.get(random.nextInt(nodes));
      var port = 23_000 + random.nextInt(PORTS);
      clock += random.nextInt(3);
      switch (random.nextInt(6)) {
        case 0, 1 -> {
          one.here.put(port, TunnelHolder.OF_KEY);
          // Clocks differ, and a claim is heard by some.
          settle(one, all, random, clock + random.nextInt(20));
        }
        case 2 -> {
          one.here.remove(port);
          settle(one, all, random, clock);
        }
        case 3 -> one.restart(step + 1);
        case 4 -> hear(one, all, random);
        default -> settle(one, all, random, clock);
      }
    }
    for (var round = 0; round < 6; round++) {
      for (var one : all) {
        // Everybody asks, everybody answers, everything arrives.
        for (var other : all) {
          one.claims.own().forEach(other.inbox::add);
        }
      }
      all.forEach(one -> hear(one, all, null));
      for (var one : all) {
        settle(one, all, null, clock);
      }
    }
    for (var port = 23_000; port < 23_000 + PORTS; port++) {
      var owners = new ArrayList<String>();
      for (var one : all) {
        if (one.here.containsKey(port)) {
          owners.add(one.node);
        }
      }
      assertThat(owners).hasSizeLessThanOrEqualTo(1);
      for (var one : all) {
        var outcome = one.claims.settle(port, here(one, port), clock, claim -> isAlive(claim, all));
        assertThat(outcome.told()).isEmpty();
        assertThat(outcome.overtakenBy()).isEmpty();
        if (owners.isEmpty() || owners.get(0).equals(one.node)) {
          assertThat(outcome.elsewhere()).isEqualTo(Where.NOWHERE);
        } else {
          assertThat(outcome.elsewhere())
              .isEqualTo(new Where.Elsewhere(owners.get(0), TunnelHolder.OF_KEY));
        }
        for (var other : all) {
          assertThat(other.claims.digests().get(one.run))
              .isEqualTo(one.claims.digests().get(one.run));
        }
      }
    }
  }

  /** Of the messages a third is lost; what was lost is told again to whoever reckons otherwise. */
  @Property(tries = 2)
  @Label("a thousand nodes agree on all ports a few exchanges after all have started at once")
  void aThousandNodesAgree(@ForAll long seed) {
    var random = new Random(seed);
    var all = new ArrayList<Replica>();
    for (var i = 0; i < 1_000; i++) {
      all.add(new Replica("node" + i));
    }
    // Each client dials in twice, since it is sent away once.
    for (var i = 0; i < 2 * MANY_PORTS; i++) {
      var port = 23_000 + i % MANY_PORTS;
      var one = all.get(random.nextInt(all.size()));
      one.here.put(port, TunnelHolder.OF_KEY);
      one.claims
          .settle(port, Optional.of(TunnelHolder.OF_KEY), random.nextInt(1_000), claim -> true)
          .told()
          .ifPresent(claim -> tell(claim, all, random));
    }
    var exchanges = 0;
    while (!agree(all)) {
      assertThat(++exchanges).isLessThan(MOST_EXCHANGES);
      for (var one : all) {
        one.inbox.forEach(one.claims::hear);
        one.inbox.clear();
        for (var port : one.claims.ports()) {
          one.claims
              .settle(port, here(one, port), 0, claim -> true)
              .overtakenBy()
              .ifPresent(by -> one.here.remove(port));
        }
      }
      for (var one : all) {
        one.claims.own().forEach(claim -> tell(claim, all, random));
      }
    }
  }

  private static boolean agree(List<Replica> all) {
    var owners = new HashMap<Integer, String>();
    for (var one : all) {
      for (var port : one.here.keySet()) {
        if (owners.put(port, one.node) != null) {
          return false;
        }
      }
    }
    return owners.size() == MANY_PORTS
        && all.stream()
            .allMatch(
                one ->
                    one.claims.ports().size() == MANY_PORTS
                        && one.claims.ports().stream()
                            .allMatch(port -> knows(one, port, owners.get(port))));
  }

  private static boolean knows(Replica one, int port, String owner) {
    var elsewhere = one.claims.settle(port, here(one, port), 0, claim -> true).elsewhere();
    return owner.equals(one.node)
        ? elsewhere == Where.NOWHERE
        : elsewhere.equals(new Where.Elsewhere(owner, TunnelHolder.OF_KEY));
  }

  private static Optional<TunnelHolder> here(Replica one, int port) {
    return Optional.ofNullable(one.here.get(port));
  }

  private static boolean isAlive(Claim claim, List<Replica> all) {
    return all.stream().anyMatch(one -> one.run.equals(claim.run()));
  }

  private static void settle(Replica one, List<Replica> all, Random random, long clock) {
    for (var port = 23_000; port < 23_000 + PORTS; port++) {
      var number = port;
      var outcome = one.claims.settle(port, here(one, port), clock, claim -> isAlive(claim, all));
      outcome.told().ifPresent(claim -> tell(claim, all, random));
      outcome.overtakenBy().ifPresent(by -> one.here.remove(number));
    }
  }

  /**
   * @param random what is lost and late; null for nothing
   */
  private static void tell(Claim claim, List<Replica> all, Random random) {
    for (var other : all) {
      if (random == null || random.nextInt(3) > 0) {
        other.inbox.add(claim);
      }
    }
  }

  private static void hear(Replica one, List<Replica> all, Random random) {
    while (!one.inbox.isEmpty()) {
      var claim = one.inbox.remove(random == null ? 0 : random.nextInt(one.inbox.size()));
      one.claims
          .laterThan(claim)
          .filter(it -> it.run().equals(one.run) || !isAlive(it, all))
          .ifPresent(it -> tell(it, all, random));
      one.claims.hear(claim);
      if (random != null && random.nextBoolean()) {
        return;
      }
    }
  }
}
