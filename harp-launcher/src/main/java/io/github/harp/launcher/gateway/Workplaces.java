// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.core.instance.Instance;
import io.github.harp.core.runtime.spec.ContainerEnvironment;
import io.github.harp.core.runtime.spec.ExAppCredentials;
import io.github.harp.core.runtime.spec.MountRules;
import io.github.harp.dialin.TunnelEntrance;
import io.github.harp.launcher.Version;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.Configuration.Tunnels.ExAppKey;
import io.github.harp.operations.GatewayView;
import io.github.harp.proxy.control.ControlApi;
import io.github.harp.proxy.control.ControlHandler;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** Where orders for ExApps are carried out, and how: for each Nextcloud. */
final class Workplaces {

  private final Configuration configuration;
  private final Nextclouds nextclouds;
  private final TunnelEntrance entrance;
  private final Map<Instance, Containers> containers = new IdentityHashMap<>();

  Workplaces(
      Configuration configuration,
      Nextclouds nextclouds,
      TunnelEntrance entrance,
      Function<Instance, Containers> places) {
    this.configuration = configuration;
    this.nextclouds = nextclouds;
    this.entrance = entrance;
    for (var each : nextclouds.instances().all()) {
      containers.put(each, places.apply(each));
    }
  }

  Containers of(Instance instance) {
    return Objects.requireNonNull(containers.get(instance));
  }

  /** What takes them, each from its own Nextcloud. */
  ControlHandler orders() {
    var orders = new IdentityHashMap<Instance, ControlHandler>();
    containers.forEach((whose, where) -> orders.put(whose, orders(whose, where)));
    return orders.size() == 1 ? orders.values().iterator().next() : new OrdersOfEach(orders);
  }

  private ControlHandler orders(Instance whose, Containers where) {
    var places = configuration.places();
    return ControlApi.builder()
        .runtimes(where.runtimes(), credentials(whose))
        .mounts(whose == nextclouds.first() ? places.mounts() : MountRules.none())
        .namespace(places.namespace())
        .version(Version.number())
        .build();
  }

  private ExAppCredentials credentials(Instance whose) {
    return configuration.tunnels().exAppKey() == ExAppKey.SHARED
        ? ExAppCredentials.sharedKey()
        : ExAppCredentials.ownTokens(entrance.of(whose).tokens());
  }

  /** AppAPI gives no ExApp in a cluster what it needs to dial in. */
  ContainerEnvironment inCluster(ContainerEnvironment ordered) {
    return configuration
        .tunnels()
        .fromCluster()
        .map(
            address ->
                credentials(nextclouds.first())
                    .in(
                        ordered
                            .with("HP_FRP_ADDRESS", address.host())
                            .with("HP_FRP_PORT", String.valueOf(address.port()))
                            .with("HP_SHARED_KEY", nextclouds.first().key().reveal())))
        .orElse(ordered);
  }

  /** The Nextclouds beside the first. */
  List<GatewayView.Neighbour> neighbours() {
    return nextclouds.others().entrySet().stream()
        .map(
            other ->
                new GatewayView.Neighbour(
                    other.getKey(),
                    other.getValue().nextcloud().url(),
                    other.getValue().engines(),
                    entrance.of(other.getKey()).engines(),
                    of(other.getKey()).runtimes()))
        .toList();
  }

  void close() {
    containers.values().forEach(Containers::close);
  }
}
