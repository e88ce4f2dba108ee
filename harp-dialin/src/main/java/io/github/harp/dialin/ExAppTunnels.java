// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.key.TunnelTokens;
import io.github.harp.core.key.TunnelTokens.Claim;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.spec.TunnelFiles;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.core.tunnels.Tunnels;
import io.github.harp.core.upstream.Engines;
import io.github.harp.core.upstream.Upstreams;
import io.github.harp.dialin.claims.ExpectedTunnels;
import io.github.harp.dialin.claims.OvertakenTunnels;
import io.github.harp.dialin.claims.TunnelClaims;
import io.github.harp.tunnel.TunnelServer;
import java.util.Optional;
import java.util.Set;

/**
 * The tunnels of one Nextcloud's ExApps and engines: what is known of them, and how these are
 * reached through them. Thread-safe.
 */
public final class ExAppTunnels {

  private final Party party;
  private final TunnelServer server;
  private final TunnelFiles files;
  private final TunnelRegister tunnels;
  private final Engines engines;
  private final Optional<Neighbourhood> others;
  private final OvertakenTunnels overtaken;

  /**
   * @param others by which tunnels of other nodes are reached
   */
  ExAppTunnels(
      Party party,
      TunnelRegister tunnels,
      TunnelServer server,
      TunnelFiles files,
      Optional<Neighbourhood> others) {
    this.party = party;
    this.server = server;
    this.files = files;
    this.tunnels = tunnels;
    this.others = others;
    this.engines = new TunnelEngines(party.configured(), party.realm(), server, tunnels, others);
    this.overtaken = new OvertakenTunnels(party.instance().records(), tunnels, this::disconnect);
  }

  private void disconnect(Claim claim, String reason) {
    server.disconnect(
        session ->
            party.isOf(session)
                && session.identity().attachment(Claim.class).filter(claim::equals).isPresent(),
        reason);
  }

  /** Ends the tunnel on this port: another node has it now. */
  void disconnect(int port, String reason) {
    server.disconnect(
        session ->
            party.isOf(session)
                && session.proxies().stream().anyMatch(proxy -> proxy.remotePort() == port),
        reason);
  }

  /** Watches nothing any more. */
  void close() {
    overtaken.close();
    tunnels.close();
  }

  /** Which tunnels there are, and whose. */
  public Tunnels tunnels() {
    return tunnels;
  }

  /** Engines that are configured, and those that have dialled in. */
  public Engines engines() {
    return engines;
  }

  /** See {@link TunnelEntrance#upstreams}. */
  Upstreams upstreams(Upstreams direct) {
    return new TunnelUpstreams(party.realm(), server, tunnels, others, direct);
  }

  /** What ExApps dial in with; who gets one is expected to. */
  public TunnelTokens tokens() {
    return new ExpectedTunnels(party.instance().tokens(), tunnels);
  }

  /** What new containers get to dial in with. */
  public TunnelFiles files() {
    return files;
  }

  /**
   * @param runtimes of all engines
   */
  CertificateDelivery delivery(ExAppRuntimes runtimes) {
    return new CertificateDelivery(
        files,
        runtimes,
        party.configured(),
        engines,
        this::exAppsSeen,
        party.instance().containers());
  }

  /** Those that somebody has used, and those that have dialled in. */
  private Set<AppId> exAppsSeen() {
    var clients = server.status().sessions().stream().filter(party::isOf).toList();
    var seen = TunnelClaims.appsOf(clients);
    party.instance().records().all().stream().map(ExApp::id).forEach(seen::add);
    return seen;
  }
}
