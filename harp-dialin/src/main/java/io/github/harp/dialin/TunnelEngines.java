// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.tunnels.Tunnels;
import io.github.harp.core.upstream.Engines;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.tunnel.TunnelServer;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Engines that are configured, and those that have dialled in. A configured one goes first. */
final class TunnelEngines implements Engines {

  private final Engines configured;
  private final String realm;
  private final TunnelServer server;
  private final Tunnels tunnels;
  private final Optional<Neighbourhood> others;

  TunnelEngines(
      Engines configured,
      String realm,
      TunnelServer server,
      Tunnels tunnels,
      Optional<Neighbourhood> others) {
    this.configured = configured;
    this.realm = realm;
    this.server = server;
    this.tunnels = tunnels;
    this.others = others;
  }

  @Override
  public Optional<Upstream> find(EngineNumber number) {
    var known = configured.find(number);
    if (known.isPresent()) {
      return known;
    }
    var port = number.value();
    return tunnels
        .at(port)
        .fold(
            here -> Optional.of(new TunnelUpstream(realm, server, port, Optional.empty())),
            elsewhere -> others.map(it -> it.upstream(elsewhere.node(), port, Optional.empty())),
            Optional::empty);
  }

  @Override
  public SortedSet<EngineNumber> numbers() {
    var all = new TreeSet<>(configured.numbers());
    IntStream.rangeClosed(EngineNumber.FIRST.value(), EngineNumber.LAST.value())
        .filter(this::isOpen)
        .forEach(port -> all.add(new EngineNumber(port)));
    return all;
  }

  private boolean isOpen(int port) {
    return tunnels.at(port).holder().isPresent();
  }
}
