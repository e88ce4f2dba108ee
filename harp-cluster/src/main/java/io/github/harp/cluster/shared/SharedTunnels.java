// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import io.github.harp.cluster.journal.Heard;
import io.github.harp.cluster.journal.Journal;
import io.github.harp.cluster.shared.PortClaims.Claim;
import io.github.harp.core.tunnels.Neighbours;
import io.github.harp.core.tunnels.Past;
import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.TunnelRegister;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Tunnels that every node knows of once one has them, and whose there ever were. A node that
 * starts, or may have missed something, asks the others. Thread-safe; all but {@link #share} is
 * called on the context.
 */
public final class SharedTunnels implements Neighbours {

  private static final String TUNNEL = "tunnel";
  private static final String PORT = "port of tunnels";
  private static final String QUESTION = "which tunnels";

  /** Who asked earlier has asked again since, or is gone. */
  private static final Duration NEWS = Duration.ofSeconds(10);

  /** For several that ask at once. */
  private static final long GATHER_MS = 100;

  /** A node whose claim was heard is there, even if its sign of life was not seen yet. */
  private static final Duration NEW = Duration.ofSeconds(4);

  /** What is under way has arrived by then. */
  private static final int LOOKS = 3;

  private final Vertx vertx;
  private final Context context;
  private final Journal journal;
  private final Attendance nodes;
  private final Clock clock;
  private final PortClaims claims;
  private final Map<String, Long> heardOf = new HashMap<>();
  private final Map<Integer, Past> heardPasts = new HashMap<>();

  private @Nullable TunnelRegister register;
  private BiConsumer<Integer, String> end = (port, reason) -> {};
  private volatile List<Integer> orphans = List.of();
  private boolean answering;
  private int looksThatDiffered;

  public SharedTunnels(
      Vertx vertx, Context context, Journal journal, Attendance nodes, Clock clock, String node) {
    this.vertx = vertx;
    this.context = context;
    this.journal = journal;
    this.nodes = nodes;
    this.clock = clock;
    this.claims = new PortClaims(nodes.run(), node);
    journal.listen(TUNNEL, this::claimed);
    journal.listen(PORT, this::remembered);
    journal.listen(QUESTION, this::asked);
    journal.whenMissing(this::ask);
    nodes.says(() -> claims.digest(nodes.run()));
    nodes.whenRead(this::look);
  }

  @Override
  public void share(TunnelRegister shared, BiConsumer<Integer, String> whenOvertaken) {
    context.runOnContext(
        it -> {
          register = shared;
          end = whenOvertaken;
          shared.past().forEach((port, past) -> journal.tell(PORT, TunnelText.of(port, past)));
          ask();
        });
    shared.watch(
        event ->
            event.when(
                opened -> context.runOnContext(it -> settle(opened.port())),
                closed -> context.runOnContext(it -> settle(closed.port(), Optional.empty())),
                past -> context.runOnContext(it -> changed(past.port(), past.past()))));
  }

  private void ask() {
    journal.tell(QUESTION, new JsonObject().put("run", nodes.run()));
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

  private void changed(int port, Past past) {
    if (!past.equals(heardPasts.get(port))) {
      journal.tell(PORT, TunnelText.of(port, past));
    }
  }

  // ---- what others say

  private void claimed(Heard heard) {
    if (heard.own()) {
      return;
    }
    var claim = TunnelText.claim(heard.event());
    heardOf.put(claim.run(), System.nanoTime() - heard.age().toNanos());
    Optional.ofNullable(heard.event().getJsonObject("past")).ifPresent(this::remember);
    claims
        .laterThan(claim)
        .filter(it -> it.run().equals(nodes.run()) || !isAlive(it) && nodes.isFirstBut(""))
        .ifPresent(this::tell);
    claims.hear(claim);
    settle(claim.port());
  }

  private void remembered(Heard heard) {
    if (!heard.own()) {
      remember(heard.event());
    }
  }

  private void remember(JsonObject text) {
    var port = TunnelText.port(text);
    var past = TunnelText.past(text);
    if (register != null) {
      heardPasts.put(port, past);
      register.remember(port, past);
    }
  }

  private void asked(Heard heard) {
    if (heard.own() || heard.age().compareTo(NEWS) > 0 || answering) {
      return;
    }
    answering = true;
    vertx.setTimer(GATHER_MS, it -> answer(heard.event().getString("run")));
  }

  private void answer(String asker) {
    answering = false;
    claims.own().forEach(this::tell);
    if (register != null && nodes.isFirstBut(asker)) {
      register.past().forEach((port, past) -> journal.tell(PORT, TunnelText.of(port, past)));
    }
  }

  // ---- what follows

  /** Now and then: who is there has been read. */
  private void look() {
    heardOf.values().removeIf(at -> !isNew(at));
    claims.ports().forEach(this::settle);
    orphans = claims.orphans(this::isAlive);
    var differs = nodes.anySays((run, digest) -> claims.digest(run) != digest);
    looksThatDiffered = differs ? looksThatDiffered + 1 : 0;
    if (looksThatDiffered % LOOKS == LOOKS - 1) {
      ask();
    }
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

  private static boolean isNew(long at) {
    return System.nanoTime() - at < NEW.toNanos();
  }
}
