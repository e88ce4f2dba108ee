// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import java.util.Optional;
import java.util.SortedSet;

/**
 * The container engines that are reachable now, by the port number that AppAPI knows them by.
 * Thread-safe.
 */
public interface Engines {

  /** The lowest port number of an engine; the local one by convention. */
  int FIRST_PORT = 24000;

  /** The highest port number of an engine. */
  int LAST_PORT = 24099;

  /** The engine with this number; empty when none is configured or dialled in under it. */
  Optional<Upstream> find(int port);

  /** The numbers of all engines known now. */
  SortedSet<Integer> ports();
}
