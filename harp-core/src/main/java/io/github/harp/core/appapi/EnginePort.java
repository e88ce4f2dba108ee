// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.appapi;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.RequestHead;
import io.github.harp.core.address.Ports;
import java.util.Optional;

/**
 * The engine that AppAPI names in a request.
 *
 * @param port 0 for what is no port
 */
public record EnginePort(int port) {

  /** Empty for a request that names none. */
  public static Optional<EnginePort> of(RequestHead request) {
    var text = request.header(AppApiHeaders.DOCKER_ENGINE_PORT);
    return text == null || text.isEmpty()
        ? Optional.empty()
        : Optional.of(new EnginePort(Ports.parse(text).orElse(0)));
  }

  public Optional<EngineNumber> number() {
    return EngineNumber.of(port);
  }
}
