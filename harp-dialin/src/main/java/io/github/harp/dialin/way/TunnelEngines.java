// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.way;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.upstream.Engines;
import io.github.harp.core.upstream.Upstream;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Engines that are configured, and those that have dialled in. A configured one goes first. */
public record TunnelEngines(Engines configured, TunnelWays ways) implements Engines {

  @Override
  public Optional<Upstream> find(EngineNumber number) {
    var known = configured.find(number);
    if (known.isPresent()) {
      return known;
    }
    var port = number.value();
    var isKnown = ways.areSeveral() ? ways.tunnels().everOpened(port) : isOpen(port);
    return isKnown ? Optional.of(ways.to(port, Optional.empty())) : Optional.empty();
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
    return ways.tunnels().at(port).holder().isPresent();
  }
}
