// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.claims;

import io.github.harp.core.ExApp;
import io.github.harp.core.key.TunnelTokens.Claim;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.Tunnels;
import io.github.harp.core.watch.Watch;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Ends the tunnel of an ExApp whose port is another's now, or another deployment's: when the record
 * that says so arrives, and when a tunnel opens that such a record has overtaken. Thread-safe.
 */
public final class OvertakenTunnels implements AutoCloseable {

  private final PortOwners owners;
  private final Tunnels tunnels;
  private final BiConsumer<Claim, String> end;
  private final List<Watch> watches;

  /**
   * @param end ends the tunnels of this node that were opened with a token for this claim, for a
   *     reason
   */
  public OvertakenTunnels(ExAppRecords records, Tunnels tunnels, BiConsumer<Claim, String> end) {
    this.owners = new PortOwners(records, PortOwners.PATIENCE);
    this.tunnels = tunnels;
    this.end = end;
    this.watches =
        List.of(
            records.watch(event -> event.when(known -> arrived(known.exApp()), removed -> {})),
            tunnels.watch(event -> event.when(this::opened, closed -> {}, remembered -> {})));
  }

  /** A record is known now. About its own ExApp it is the last word; nobody is asked again. */
  private void arrived(ExApp exApp) {
    var port = exApp.address().port();
    var claim =
        tunnels
            .at(port)
            .holder()
            .flatMap(TunnelHolder::deployment)
            .map(owner -> new Claim(owner, port));
    if (claim.isEmpty() || !exApp.address().isOnThisHost() || claim.get().isFor(exApp)) {
      return;
    }
    if (claim.get().appId().equals(exApp.id())) {
      end.accept(claim.get(), PortOwners.difference(claim.get(), exApp));
    } else {
      judge(claim.get());
    }
  }

  private void opened(Tunnels.Opened tunnel) {
    tunnel
        .by()
        .deployment()
        .map(deployment -> new Claim(deployment, tunnel.port()))
        .filter(claim -> !owners.rivals(claim).isEmpty())
        .ifPresent(this::judge);
  }

  private void judge(Claim claim) {
    owners
        .objectionTo(claim)
        .thenAccept(objection -> objection.ifPresent(reason -> end.accept(claim, reason)));
  }

  @Override
  public void close() {
    watches.forEach(Watch::close);
  }
}
