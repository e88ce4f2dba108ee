// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import io.vertx.core.Future;
import java.net.InetAddress;

/** Finds the address of a host's name without blocking. Thread-safe. */
public interface HostNames {

  /** An IPv4 address if there is one, else an IPv6 address; fails when there is none. */
  Future<InetAddress> resolve(String name);

  /** What is remembered of this name has turned out to be useless. */
  void forget(String name);
}
