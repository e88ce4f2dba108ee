// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.inspection;

import java.util.Set;

/**
 * What a container has been given of its engine's host.
 *
 * @param folders of the host that it sees
 * @param wantsCuda whether it was deployed for NVIDIA's GPUs
 * @param devices of the host that it may use, as far as the engine tells
 */
record HostAccess(Set<String> folders, boolean wantsCuda, Set<String> devices) {

  /** Of a container that has nothing, or of which nothing is known. */
  static final HostAccess NONE = new HostAccess(Set.of(), false, Set.of());

  HostAccess {
    folders = Set.copyOf(folders);
    devices = Set.copyOf(devices);
  }
}
