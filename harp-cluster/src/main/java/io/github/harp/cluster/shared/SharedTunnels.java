// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import io.github.harp.cluster.journal.Heard;
import io.github.harp.cluster.journal.Journal;
import io.github.harp.cluster.presence.Attendance;
import io.github.harp.cluster.presence.Peers;
import io.github.harp.cluster.shared.PortClaims.Claim;
import io.github.harp.core.tunnels.Neighbours;
import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.TunnelRegister;
import io.vertx.core.Context;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Tunnels that every node knows of once one has them, and whose there ever were. A node that
 * starts, or may have missed something, asks the others. Thread-safe; all but {@link #share} is
 * called on the context.
 */
public final class SharedTunnels implements Neighbours {

  private static final String TUNNEL = "tunnel";

  /** A node whose claim was heard is there, even if its sign of life was not seen yet. */
  private static final Duration NEW = Duration.ofSeconds(4);

  /** What is under way has arrived by then. */
  private static final int LOOKS = 3;

  private final Loop loop;
  private final Journal journal;
  private final Peers nodes;
  private final Clock clock;
  private final PortClaims claims;
  private final Map<String, Long> heardOf = new HashMap<>();
  private final SharedPasts pasts;
  private final NodesQuestion question;

  private @Nullable TunnelRegister register;
  private BiConsumer<Integer, String> end = (port, reason) -> {};
  private volatile List<Integer> orphans = List.of();
  private int looksThatDiffered;

  /** Of whom this node has known all tunnels, since it may have missed some. */
  private final Set<String> known = new HashSet<>();

  public SharedTunnels(
      Context context, Journal journal, Attendance nodes, Clock clock, String node) {
    this(Loop.of(context), journal, nodes, clock, node);
  }

  SharedTunnels(Loop loop, Journal journal, Peers nodes, Clock clock, String node) {
    this.loop = loop;
    this.journal = journal;
    this.nodes = nodes;
    this.clock = clock;
    this.claims = new PortClaims(nodes.run(), node);
    journal.listen(TUNNEL, this::claimed);
    this.pasts = new SharedPasts(journal, loop, nodes);
    this.question =
        new NodesQuestion(
            "which tunnels", NodesQuestion.Who.EACH, journal, loop, nodes, () -> {}, this::answer);
    journal.whenMissing(known::clear);
    nodes.says(() -> claims.digests().getOrDefault(nodes.run(), 0L));
    nodes.whenRead(this::look);
  }

  @Override
  public void share(TunnelRegister shared, BiConsumer<Integer, String> whenOvertaken) {
    loop.run(
        () -> {
          register = shared;
          end = whenOvertaken;
          pasts.share(shared);
          question.ask();
        });
    shared.watch(
        event ->
            event.when(
                opened -> loop.run(() -> settle(opened.port())),
                closed -> loop.run(() -> settle(closed.port(), Optional.empty())),
                past -> {
                  // What follows from what others said they know as well: no answer to an answer.
                  if (!past.heard()) {
                    loop.run(() -> pasts.changed(past.port(), past.past()));
                  }
                }));
  }

  // ---- what happens here

  private void tell(Claim claim) {
    var event = TunnelText.of(claim);
    // Whoever hears of the tunnel is to reach its ExApp through nothing else from then on.
    Optional.ofNullable(register)
        .map(it -> it.past().get(claim.port()))
        .ifPresent(past -> event.put("past", TunnelText.of(claim.port(), past)));
    journal.tell(TUNNEL, event);
  }

  // ---- what others say

  private void claimed(Heard heard) {
    if (heard.own()) {
      return;
    }
    var claim = TunnelText.claim(heard.event());
    if (claim.run().equals(heard.run())) {
      // What others still know of it is no sign that it lives.
      heardOf.put(claim.run(), loop.nanos() - heard.age().toNanos());
    }
    Optional.ofNullable(heard.event().getJsonObject("past")).ifPresent(pasts::remember);
    if (claims.laterThan(claim).isPresent()) {
      correct(claim);
    }
    claims.hear(claim);
    settle(claim.port());
  }

  /**
   * Whoever says this does not know of a later one: of this node, which tells it at once, or of one
   * that is gone, which nobody else tells.
   */
  private void correct(Claim claim) {
    claims.laterThan(claim).filter(this::isOwn).ifPresent(this::tell);
    var patience = nodes.patience("");
    Runnable correction =
        () ->
            claims.laterThan(claim).filter(it -> !isOwn(it) && !isAlive(it)).ifPresent(this::tell);
    if (patience.isZero()) {
      correction.run();
    } else {
      loop.after(patience, correction);
    }
  }

  private boolean isOwn(Claim claim) {
    return claim.run().equals(nodes.run());
  }

  private void answer() {
    claims.own().forEach(this::tell);
  }

  /** What this node asks the others. */
  public List<NodesQuestion> questions() {
    return List.of(question, pasts.question());
  }

  /** Of how many nodes that are there this one has not yet known all tunnels. */
  public int unknown() {
    var digests = claims.digests();
    known.retainAll(nodes.said().keySet());
    nodes
        .said()
        .forEach(
            (run, digest) -> {
              if (run.equals(nodes.run()) || digests.getOrDefault(run, 0L).equals(digest)) {
                known.add(run);
              }
            });
    return nodes.said().size() - known.size();
  }

  // ---- what follows

  /** Now and then: who is there has been read. */
  private void look() {
    heardOf.values().removeIf(at -> !isNew(at));
    claims.ports().forEach(this::settle);
    orphans = claims.orphans(this::isAlive);
    var differs = differs();
    looksThatDiffered = differs ? looksThatDiffered + 1 : 0;
    if (looksThatDiffered % LOOKS == LOOKS - 1) {
      question.ask();
    }
  }

  /** Whether another node has other tunnels than are known here. */
  private boolean differs() {
    var digests = claims.digests();
    return nodes.said().entrySet().stream()
        .filter(it -> !it.getKey().equals(nodes.run()))
        .anyMatch(it -> !digests.getOrDefault(it.getKey(), 0L).equals(it.getValue()));
  }

  private void settle(int port) {
    if (register != null) {
      settle(
          port,
          register
              .at(port)
              .fold(here -> Optional.of(here.by()), there -> Optional.empty(), Optional::empty));
    }
  }

  private void settle(int port, Optional<TunnelHolder> here) {
    var outcome = claims.settle(port, here, clock.millis(), this::isAlive);
    outcome.told().ifPresent(this::tell);
    outcome
        .overtakenBy()
        .ifPresent(by -> end.accept(port, "its client has dialled in at node " + by.node()));
    if (register != null) {
      register.elsewhere(port, outcome.elsewhere());
    }
  }

  /** Ports whose tunnel was at a node that is gone, and is nowhere since. On any thread. */
  public List<Integer> orphans() {
    return orphans;
  }

  private boolean isAlive(Claim claim) {
    var heard = heardOf.get(claim.run());
    return nodes.isAlive(claim.run()) || heard != null && isNew(heard);
  }

  private boolean isNew(long at) {
    return loop.nanos() - at < NEW.toNanos();
  }
}
