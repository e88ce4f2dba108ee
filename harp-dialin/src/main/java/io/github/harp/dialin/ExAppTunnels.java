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
import io.github.harp.core.watch.Watch;
import io.github.harp.dialin.claims.ExpectedTunnels;
import io.github.harp.dialin.claims.OvertakenTunnels;
import io.github.harp.dialin.claims.PortFile;
import io.github.harp.dialin.claims.TunnelClaims;
import io.github.harp.dialin.way.Neighbourhood;
import io.github.harp.dialin.way.TunnelEngines;
import io.github.harp.dialin.way.TunnelUpstreams;
import io.github.harp.dialin.way.TunnelWays;
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
  private final TunnelWays ways;
  private final PortFile memory;
  private final OvertakenTunnels overtaken;
  private final Optional<CertificateCare> certificates;
  private volatile Watch renewals = () -> {};

  /**
   * @param others by which tunnels of other nodes are reached
   */
  ExAppTunnels(
      Party party,
      TunnelRegister tunnels,
      PortFile memory,
      TunnelServer server,
      TunnelFiles files,
      Optional<Neighbourhood> others,
      Optional<CertificateCare> certificates) {
    this.party = party;
    this.memory = memory;
    this.server = server;
    this.files = files;
    this.certificates = certificates;
    this.tunnels = tunnels;
    this.ways = new TunnelWays(party.realm(), server, tunnels, others);
    this.engines = new TunnelEngines(party.configured(), ways);
    this.overtaken = new OvertakenTunnels(party.instance().records(), tunnels, this::disconnect);
  }

  private void disconnect(Claim claim, String reason) {
    server.disconnect(
        session ->
            party.isOf(session)
                && TunnelClaims.claimOf(session.identity()).filter(claim::equals).isPresent(),
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

  Party party() {
    return party;
  }

  /** Watches nothing any more; what is known of them stays in their file. Blocks. */
  void close() {
    renewals.close();
    overtaken.close();
    tunnels.close();
    memory.close(tunnels::past);
  }

  /** Which tunnels there are, and whose. */
  public Tunnels tunnels() {
    return tunnels;
  }

  /** Engines that are configured, and those that have dialled in. */
  public Engines engines() {
    return engines;
  }

  /**
   * The ExApps, through the tunnels that they have or had.
   *
   * @param direct reaches those without a tunnel
   */
  public Upstreams upstreams(Upstreams direct) {
    return new TunnelUpstreams(ways, direct);
  }

  /** What ExApps dial in with; who gets one is expected to. */
  public TunnelTokens tokens() {
    return new ExpectedTunnels(party.instance().tokens(), tunnels);
  }

  /**
   * Brings renewed certificates to those who have the old ones.
   *
   * @param runtimes of all engines
   */
  public void deliverTo(ExAppRuntimes runtimes) {
    var delivery =
        new CertificateDelivery(
            files,
            runtimes,
            party.configured(),
            engines,
            this::exAppsSeen,
            party.instance().containers());
    renewals = certificates.map(care -> care.deliver(delivery)).orElse(renewals);
  }

  /** Those that somebody has used, and those that have dialled in. */
  private Set<AppId> exAppsSeen() {
    var clients = server.status().sessions().stream().filter(party::isOf).toList();
    var seen = TunnelClaims.appsOf(clients);
    party.instance().records().all().stream().map(ExApp::id).forEach(seen::add);
    return seen;
  }
}
