// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import io.github.harp.tunnel.TunnelLimits;
import java.time.Duration;
import java.util.function.Consumer;

/** The default limits with some of them changed. */
final class Limits {

  Duration firstMessageTimeout = TunnelLimits.defaults().firstMessageTimeout();
  Duration decisionTimeout = TunnelLimits.defaults().decisionTimeout();
  Duration workConnectionTimeout = TunnelLimits.defaults().workConnectionTimeout();
  Duration heartbeatTimeout = TunnelLimits.defaults().heartbeatTimeout();
  int newConnections = TunnelLimits.defaults().newConnections();
  int newConnectionsPerAddress = TunnelLimits.defaults().newConnectionsPerAddress();
  int newConnectionsPerBannedAddress = TunnelLimits.defaults().newConnectionsPerBannedAddress();
  int sessions = TunnelLimits.defaults().sessions();
  int streamsPerSession = TunnelLimits.defaults().streamsPerSession();
  int proxiesPerSession = TunnelLimits.defaults().proxiesPerSession();
  int poolSize = TunnelLimits.defaults().poolSize();
  long sessionBudgetBytes = TunnelLimits.defaults().sessionBudgetBytes();
  long heldBytes = TunnelLimits.defaults().heldBytes();

  static TunnelLimits with(Consumer<Limits> change) {
    Limits limits = new Limits();
    change.accept(limits);
    return new TunnelLimits(
        limits.firstMessageTimeout,
        limits.decisionTimeout,
        limits.workConnectionTimeout,
        limits.heartbeatTimeout,
        limits.newConnections,
        limits.newConnectionsPerAddress,
        limits.newConnectionsPerBannedAddress,
        limits.sessions,
        limits.streamsPerSession,
        limits.proxiesPerSession,
        limits.poolSize,
        limits.sessionBudgetBytes,
        limits.heldBytes);
  }
}
