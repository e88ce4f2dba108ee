// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.spec;

import java.util.List;

/**
 * What only an engine can give a container; a cluster has ways of its own.
 *
 * @param networkMode Docker network mode or the name of a network
 * @param restartPolicy Docker's name for it
 * @param mounts folders and sockets of the engine's host
 */
public record EngineOptions(String networkMode, String restartPolicy, List<Mount> mounts) {

  /** Of an order that says nothing. */
  public EngineOptions() {
    this("bridge", "unless-stopped", List.of());
  }

  public EngineOptions {
    mounts = List.copyOf(mounts);
  }

  @Override
  public String toString() {
    return "in network " + networkMode + ", restart " + restartPolicy + ", mounts " + mounts;
  }
}
