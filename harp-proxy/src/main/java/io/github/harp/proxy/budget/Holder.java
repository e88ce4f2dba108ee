// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.budget;

/** One who keeps something for a client: a connection, a stream of one, an upgraded connection. */
public interface Holder {

  /** Gives back what it keeps, now: the client is cut off. */
  void shed();
}
