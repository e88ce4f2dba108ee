// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.tunnels;

import io.github.harp.core.Engines;
import io.github.harp.core.Upstream;
import io.github.harp.tunnel.TunnelServer;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Engines that are configured, and those that have dialled in. A configured one goes first. */
public final class TunnelEngines implements Engines {

  private final Engines configured;
  private final TunnelServer server;
  private final OpenPorts ports;

  public TunnelEngines(Engines configured, TunnelServer server, OpenPorts ports) {
    this.configured = configured;
    this.server = server;
    this.ports = ports;
  }

  @Override
  public Optional<Upstream> find(int port) {
    var known = configured.find(port);
    if (known.isPresent()) {
      return known;
    }
    return port >= FIRST_PORT && port <= LAST_PORT && ports.isOpen(port)
        ? Optional.of(new TunnelUpstream(server, port, Optional.empty()))
        : Optional.empty();
  }

  @Override
  public SortedSet<Integer> ports() {
    var all = new TreeSet<>(configured.ports());
    all.addAll(ports.openBetween(FIRST_PORT, LAST_PORT));
    return all;
  }
}
