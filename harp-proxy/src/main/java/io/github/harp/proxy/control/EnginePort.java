// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import static io.github.harp.core.HarpException.Code.BAD_REQUEST;
import static io.github.harp.core.HarpException.Code.UNREACHABLE;
import static io.github.harp.core.appapi.AppApiHeaders.DOCKER_ENGINE_PORT;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.HarpException;
import io.github.harp.core.address.Ports;
import io.github.harp.core.runtime.Place;

/** The header by which AppAPI says which engine an order is for. */
final class EnginePort {

  private EnginePort() {}

  static Place of(ControlRequest request) {
    var text = request.head().header(DOCKER_ENGINE_PORT);
    if (text == null) {
      throw invalid("missing");
    }
    var port = Ports.parse(text).orElse(0);
    if (port == 0) {
      throw invalid("not a port");
    }
    return EngineNumber.of(port)
        .map(Place::engine)
        .orElseThrow(
            () ->
                new HarpException(
                    UNREACHABLE,
                    "engine "
                        + port
                        + " is not connected: engines have numbers "
                        + EngineNumber.RANGE));
  }

  private static HarpException invalid(String found) {
    return new HarpException(
        BAD_REQUEST,
        "header " + DOCKER_ENGINE_PORT + ": " + found + ", expected an integer from 1 to 65535");
  }
}
