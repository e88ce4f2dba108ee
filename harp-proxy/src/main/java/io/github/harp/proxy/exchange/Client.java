// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.exchange;

import java.net.InetAddress;

/** Who is at the other end of a connection that requests come from. */
public interface Client {

  InetAddress peer();

  /** Whether its connection is one of the last, where only callers with the key are served. */
  boolean isOnReserve();

  /** The caller has shown the key, without a proxy in between. */
  void keyed();

  /**
   * A request of its own was dropped.
   *
   * @return whether that was so often the case that no more are to come
   */
  boolean dropped();
}
