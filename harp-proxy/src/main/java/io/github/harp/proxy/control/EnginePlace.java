// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import static io.github.harp.core.HarpException.Code.BAD_REQUEST;
import static io.github.harp.core.HarpException.Code.UNREACHABLE;
import static io.github.harp.core.appapi.AppApiHeaders.DOCKER_ENGINE_PORT;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.HarpException;
import io.github.harp.core.appapi.EnginePort;
import io.github.harp.core.runtime.Place;

/** Where an order of AppAPI is for that names an engine. */
final class EnginePlace {

  private EnginePlace() {}

  static Place of(ControlRequest request) {
    var named = EnginePort.of(request.head()).orElseThrow(() -> invalid("missing"));
    if (named.port() == 0) {
      throw invalid("not a port");
    }
    return named
        .number()
        .map(Place::engine)
        .orElseThrow(
            () ->
                new HarpException(
                    UNREACHABLE,
                    "engine "
                        + named.port()
                        + " is not connected: engines have numbers "
                        + EngineNumber.RANGE));
  }

  private static HarpException invalid(String found) {
    return new HarpException(
        BAD_REQUEST,
        "header " + DOCKER_ENGINE_PORT + ": " + found + ", expected an integer from 1 to 65535");
  }
}
