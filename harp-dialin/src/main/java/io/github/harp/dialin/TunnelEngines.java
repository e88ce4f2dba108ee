// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.core.upstream.Engines;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.tunnel.TunnelServer;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Engines that are configured, and those that have dialled in. A configured one goes first. */
final class TunnelEngines implements Engines {

  private final Engines configured;
  private final String realm;
  private final TunnelServer server;
  private final TunnelRegister tunnels;
  private final Optional<Neighbourhood> others;

  /** One, so that the same engine is the same upstream. */
  private final IntFunction<Upstream> now = this::now;

  TunnelEngines(
      Engines configured,
      String realm,
      TunnelServer server,
      TunnelRegister tunnels,
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
    if (others.isPresent()) {
      return tunnels.everOpened(port)
          ? Optional.of(new WanderingEngine(port, now))
          : Optional.empty();
    }
    return isOpen(port) ? Optional.of(here(port)) : Optional.empty();
  }

  private Upstream now(int port) {
    return tunnels
        .at(port)
        .fold(
            here -> here(port),
            there -> others.orElseThrow().upstream(there.node(), port, Optional.empty()),
            () -> here(port));
  }

  /** One that is away is dialled all the same, and says so. */
  private Upstream here(int port) {
    return new TunnelUpstream(realm, server, port, Optional.empty());
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
