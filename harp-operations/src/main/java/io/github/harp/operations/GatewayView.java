// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import io.github.harp.core.ExApp;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.upstream.Engines;
import io.github.harp.proxy.HarpProxy;
import io.github.harp.tunnel.server.TunnelIdentity;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a running gateway lets those see who look after it.
 *
 * @param facts as they are now, since files come and go
 * @param memory an observer of the proxy's requests
 * @param nextclouds that are served now, as in the facts
 * @param bans all lists
 * @param tunnels empty for a gateway without a tunnel server
 * @param nodes empty for a gateway of one node
 * @param ready whether all listeners are open and what other nodes know is known, or can't be for
 *     now
 * @param metrics in Prometheus' text format
 */
public record GatewayView(
    Supplier<GatewayFacts> facts,
    HarpProxy proxy,
    RequestMemory memory,
    Supplier<List<Served>> nextclouds,
    Supplier<List<Failures>> bans,
    Optional<TunnelView> tunnels,
    Optional<NodesView> nodes,
    BooleanSupplier ready,
    Supplier<String> metrics) {

  /**
   * A Nextcloud of a running gateway.
   *
   * @param engines that it reaches now
   * @param ways how an ExApp of it is reached now
   */
  public record Served(
      GatewayFacts.Nextcloud facts,
      Instance instance,
      Engines engines,
      ExAppRuntimes runtimes,
      Function<ExApp, Way> ways) {

    /** Whether a client that has dialled in did so as one of its own. */
    public boolean hasTunnel(TunnelIdentity who) {
      return who.realm().equals(facts.name().text());
    }
  }
}
