// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.tunnels;

import io.github.harp.core.key.Deployment;
import java.util.List;

/**
 * What outlives the tunnels of a remote port, and restarts.
 *
 * @param opened whether there ever was a tunnel; if not, one is expected of its owners
 * @param anybodys whether there was a tunnel of which nobody knows whose it was
 * @param owners whose tunnels there were, the latest last
 */
public record Past(boolean opened, boolean anybodys, List<Deployment> owners) {

  /** A port that nobody has heard of. */
  static final Past NONE = new Past(false, false, List.of());

  public Past {
    owners = List.copyOf(owners);
  }
}
