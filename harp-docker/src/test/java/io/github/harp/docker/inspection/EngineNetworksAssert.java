// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.inspection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.docker.transport.Engine;

/** What is seen of an engine's networks now. */
public final class EngineNetworksAssert {

  private final EngineNetworks networks;

  public EngineNetworksAssert(Engine engine) {
    networks = new ListNetworks(engine).run();
  }

  public EngineNetworksAssert hasNetwork(String name) {
    assertThat(networks.names()).contains(name);
    return this;
  }

  /**
   * @param tunnelServer where it dials in
   */
  public EngineNetworksAssert hasExApp(String name, String network, String tunnelServer) {
    assertThat(networks.containers())
        .filteredOn(container -> container.name().equals(name))
        .singleElement()
        .satisfies(
            container -> {
              assertThat(container.id()).matches("[0-9a-f]{64}");
              assertThat(container.isExApp()).isTrue();
              assertThat(container.networks()).containsExactly(network);
              assertThat(container.tunnelServer()).contains(tunnelServer);
            });
    return this;
  }
}
