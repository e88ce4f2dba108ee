// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.tunnels;

import io.github.harp.core.EngineNumber;
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
  public Optional<Upstream> find(EngineNumber number) {
    var known = configured.find(number);
    if (known.isPresent()) {
      return known;
    }
    return ports.isOpen(number.value())
        ? Optional.of(new TunnelUpstream(server, number.value(), Optional.empty()))
        : Optional.empty();
  }

  @Override
  public SortedSet<EngineNumber> numbers() {
    var all = new TreeSet<>(configured.numbers());
    ports
        .openBetween(EngineNumber.FIRST.value(), EngineNumber.LAST.value())
        .forEach(port -> all.add(new EngineNumber(port)));
    return all;
  }
}
