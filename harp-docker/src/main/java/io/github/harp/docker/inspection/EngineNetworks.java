// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.inspection;

import io.github.harp.core.ExAppName;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The networks of an engine and who is in them.
 *
 * @param names of the networks that exist; empty when the engine does not say
 * @param containers those of ExApps, with all that is known, and others
 */
record EngineNetworks(Set<String> names, List<Container> containers) {

  /** Of an engine that does not say. */
  static final EngineNetworks UNKNOWN = new EngineNetworks(Set.of(), List.of());

  EngineNetworks {
    names = Set.copyOf(names);
    containers = List.copyOf(containers);
  }

  /**
   * How a container is connected.
   *
   * @param id the engine's, of 64 hex digits
   * @param name without a slash
   * @param mode what it was created for: {@code host}, {@code bridge}, {@code container:…}, or a
   *     network's name; empty when the engine does not say
   * @param networks those it is in
   * @param tunnelServer where its tunnel client dials in, {@code host:port}; empty for one that has
   *     no tunnel, and for containers that are no ExApp's
   * @param hostAccess none for containers that are no ExApp's
   */
  record Container(
      String id,
      String name,
      String mode,
      Set<String> networks,
      Optional<String> tunnelServer,
      HostAccess hostAccess) {

    Container {
      networks = Set.copyOf(networks);
    }

    /** One that has nothing of the host. */
    Container(
        String id, String name, String mode, Set<String> networks, Optional<String> tunnelServer) {
      this(id, name, mode, networks, tunnelServer, HostAccess.NONE);
    }

    boolean isExApp() {
      return ExAppName.isContainer(name);
    }
  }
}
