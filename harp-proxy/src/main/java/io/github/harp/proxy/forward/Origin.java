// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward;

import io.github.harp.core.Upstream;
import io.vertx.core.Future;

/** Where a request goes: asked again before each new attempt to connect. */
interface Origin {

  Future<Upstream> locate();

  /** The upstream has answered with this status, first final one or 101. */
  default void answered(int status) {}
}
