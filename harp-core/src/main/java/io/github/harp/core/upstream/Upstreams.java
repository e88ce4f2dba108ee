// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.upstream;

import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.vertx.core.Future;

/**
 * Finds the upstream of an ExApp right now: a TCP address, or the tunnel that it dialled in with.
 */
public interface Upstreams {

  /**
   * Fails with a {@link HarpException}, {@code UNREACHABLE} when the host's name does not resolve.
   */
  Future<Upstream> locate(ExApp exApp);
}
