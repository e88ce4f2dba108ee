// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import io.vertx.core.Future;
import java.net.InetAddress;
import java.util.List;

/** Finds the addresses of a host's name without blocking. Thread-safe. */
public interface HostNames {

  /**
   * At least one, in the order to try them in; an address in place of a name is its own. Fails with
   * {@code UNREACHABLE} when there is none.
   */
  Future<List<InetAddress>> resolve(String name);

  /** What is remembered of this name has turned out to be useless: it is asked for again. */
  void forget(String name);
}
