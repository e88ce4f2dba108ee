// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.tunnels;

import java.util.function.BiConsumer;

/** Other nodes, which have tunnels of the same Nextcloud, too. Thread-safe. */
@FunctionalInterface
public interface Neighbours {

  /**
   * From now on others know of the tunnels that this register says are here, and it knows of
   * theirs. A port is one node's at a time.
   *
   * @param end ends the tunnel on a port of this node, for a reason: it is another's now
   */
  void share(TunnelRegister register, BiConsumer<Integer, String> end);
}
