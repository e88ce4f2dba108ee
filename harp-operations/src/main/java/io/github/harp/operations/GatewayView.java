// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.upstream.Engines;
import io.github.harp.proxy.HarpProxy;
import io.github.harp.proxy.upstream.LocalEngine;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What a running gateway lets those see who look after it.
 *
 * @param facts as they are now, since files come and go
 * @param memory an observer of the proxy's requests
 * @param instance whose gateway it is
 * @param neighbours those that are served beside it
 * @param tunnels empty for a gateway without a tunnel server
 * @param nodes empty for a gateway of one node
 * @param ready whether all listeners are open
 * @param metrics in Prometheus' text format
 */
public record GatewayView(
    Supplier<GatewayFacts> facts,
    HarpProxy proxy,
    RequestMemory memory,
    Instance instance,
    List<Failures> bans,
    Engines engines,
    ExAppRuntimes runtimes,
    List<Neighbour> neighbours,
    Optional<TunnelView> tunnels,
    Optional<NodesView> nodes,
    BooleanSupplier ready,
    Supplier<String> metrics) {

  public GatewayView {
    bans = List.copyOf(bans);
    neighbours = List.copyOf(neighbours);
  }

  /**
   * One more Nextcloud of the same gateway.
   *
   * @param url where it is asked
   * @param local engines that it reaches without a tunnel, whether or not they are there
   */
  public record Neighbour(
      Instance instance,
      String url,
      Map<EngineNumber, LocalEngine> local,
      Engines engines,
      ExAppRuntimes runtimes) {

    public Neighbour {
      local = Map.copyOf(local);
    }
  }
}
