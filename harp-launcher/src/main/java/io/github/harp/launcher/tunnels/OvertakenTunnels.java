// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.tunnels;

import io.github.harp.core.ExApp;
import io.github.harp.core.TunnelTokens.Claim;
import io.github.harp.tunnel.TunnelIdentity;
import io.github.harp.tunnel.TunnelListener;
import io.github.harp.tunnel.TunnelStatus;
import java.util.function.BiConsumer;

/**
 * Ends the tunnel of an ExApp whose port is another's now, or another deployment's: when the record
 * that says so arrives, and when a tunnel opens that such a record has overtaken. Thread-safe.
 */
final class OvertakenTunnels implements TunnelListener {

  private final PortOwners owners;
  private final OpenPorts ports;
  private final BiConsumer<TunnelIdentity, String> end;

  /**
   * @param end ends the sessions of an identity, for a reason
   */
  OvertakenTunnels(PortOwners owners, OpenPorts ports, BiConsumer<TunnelIdentity, String> end) {
    this.owners = owners;
    this.ports = ports;
    this.end = end;
  }

  /** A record is known now. About its own ExApp it is the last word; nobody is asked again. */
  void arrived(ExApp exApp) {
    var holder = ports.holder(exApp.address().port());
    var claim = holder.flatMap(client -> client.attachment(Claim.class));
    if (claim.isEmpty() || !exApp.address().isOnThisHost() || claim.get().isFor(exApp)) {
      return;
    }
    if (claim.get().appId().equals(exApp.id())) {
      end.accept(holder.get(), PortOwners.difference(claim.get(), exApp));
    } else {
      judge(claim.get(), holder.get());
    }
  }

  @Override
  public void opened(TunnelStatus.Session client, TunnelStatus.Proxy proxy) {
    client
        .identity()
        .attachment(Claim.class)
        .filter(claim -> !owners.rivals(claim).isEmpty())
        .ifPresent(claim -> judge(claim, client.identity()));
  }

  private void judge(Claim claim, TunnelIdentity holder) {
    owners
        .objectionTo(claim)
        .thenAccept(objection -> objection.ifPresent(reason -> end.accept(holder, reason)));
  }
}
