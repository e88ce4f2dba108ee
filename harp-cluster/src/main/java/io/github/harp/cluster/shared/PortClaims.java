// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.Where;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which node has the tunnel of a port: the one that claimed it last. Each claim has a turn, which
 * is higher than all that its node had heard of for the port, and of two the higher one counts,
 * whatever comes first. So nodes that have heard the same agree, and what one that is cut off has
 * missed it has no word in any more. A claim counts for as long as its node is alive.
 *
 * <p>Knows neither clocks nor servers. For one thread.
 */
final class PortClaims {

  /** More than there are ports for tunnels. */
  private static final int MAX_PORTS = 1_200;

  private static final long MIXED = 0x9E3779B97F4A7C15L;

  private static final Comparator<Claim> LATER =
      Comparator.comparingLong(Claim::turn)
          .thenComparing(Claim::run)
          .thenComparing(claim -> claim.by().isEmpty());

  /**
   * What a node says of a port.
   *
   * @param run of the node's process: what an earlier one had is nobody's
   * @param by who has opened the tunnel there; empty when it is closed
   */
  record Claim(int port, long turn, String run, String node, Optional<TunnelHolder> by) {}

  /**
   * What follows from what is known now.
   *
   * @param told what is to be said to all
   * @param overtakenBy who has the port now, of which there is still a tunnel here
   * @param elsewhere where others have it
   */
  record Outcome(Optional<Claim> told, Optional<Claim> overtakenBy, Where elsewhere) {}

  private final String run;
  private final String node;
  private final Map<Integer, Claim> latest = new HashMap<>();

  /** Those with a tunnel here that was claimed. */
  private final Set<Integer> claimed = new HashSet<>();

  /** Those that were ever claimed here. */
  private final Set<Integer> had = new HashSet<>();

  PortClaims(String run, String node) {
    this.run = run;
    this.node = node;
  }

  /** All of which something was heard. */
  Set<Integer> ports() {
    return new TreeSet<>(latest.keySet());
  }

  /** What this node says of its own, and of those that were: others may not have heard since. */
  Iterable<Claim> own() {
    return latest.values().stream().filter(claim -> had.contains(claim.port())).toList();
  }

  /** Ports that a node has claimed that is gone, and nobody since. */
  List<Integer> orphans(Predicate<Claim> alive) {
    return latest.values().stream()
        .filter(claim -> isOpen(claim) && !isOwn(claim) && !alive.test(claim))
        .map(Claim::port)
        .sorted()
        .toList();
  }

  /** Another node says this. */
  void hear(Claim claim) {
    var before = latest.get(claim.port());
    if (before == null ? latest.size() < MAX_PORTS : LATER.compare(claim, before) > 0) {
      latest.put(claim.port(), claim);
    }
  }

  /** What is known that this one does not, although its turn is over; empty when it is news. */
  Optional<Claim> laterThan(Claim claim) {
    return Optional.ofNullable(latest.get(claim.port()))
        .filter(known -> LATER.compare(known, claim) > 0);
  }

  /**
   * Of each process a number that two have in common who know the same open tunnels of it, and
   * hardly any others; zero where none is known.
   */
  Map<String, Long> digests() {
    var digests = new HashMap<String, Long>();
    for (var claim : latest.values()) {
      if (isOpen(claim)) {
        digests.merge(claim.run(), (claim.port() * MIXED + claim.turn()) * MIXED, Long::sum);
      }
    }
    return digests;
  }

  /**
   * Looks at a port again.
   *
   * @param here who has a tunnel open at this node now
   * @param least a turn that is higher than those of long ago, of which a node that has just
   *     started knows nothing
   * @param alive whether the node that says this is there
   */
  Outcome settle(int port, Optional<TunnelHolder> here, long least, Predicate<Claim> alive) {
    var last = latest.get(port);
    var theirs = Optional.ofNullable(last).filter(it -> isOpen(it) && !isOwn(it)).filter(alive);
    if (here.isEmpty()) {
      claimed.remove(port);
      return new Outcome(closed(last), Optional.empty(), where(theirs));
    }
    if (claimed.contains(port) && theirs.isPresent()) {
      return new Outcome(Optional.empty(), theirs, where(theirs));
    }
    var isSaid = claimed.contains(port) && last != null && isOwn(last) && last.by().equals(here);
    return new Outcome(
        isSaid ? Optional.empty() : Optional.of(opened(port, here.get(), least)),
        Optional.empty(),
        Where.NOWHERE);
  }

  /** It is the last one of its port. */
  private Claim opened(int port, TunnelHolder by, long least) {
    var before = latest.get(port);
    var turn = before == null ? least : Math.max(least, before.turn() + 1);
    var claim = new Claim(port, turn, run, node, Optional.of(by));
    latest.put(port, claim);
    claimed.add(port);
    had.add(port);
    return claim;
  }

  private Optional<Claim> closed(@Nullable Claim last) {
    if (last == null || !isOwn(last) || !isOpen(last)) {
      return Optional.empty();
    }
    var closed = new Claim(last.port(), last.turn(), run, node, Optional.empty());
    latest.put(last.port(), closed);
    return Optional.of(closed);
  }

  private static Where where(Optional<Claim> theirs) {
    return theirs
        .<Where>map(it -> new Where.Elsewhere(it.node(), it.by().orElseThrow()))
        .orElse(Where.NOWHERE);
  }

  private static boolean isOpen(Claim claim) {
    return claim.by().isPresent();
  }

  private boolean isOwn(Claim claim) {
    return claim.run().equals(run);
  }
}
