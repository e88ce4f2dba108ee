// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.exchange;

import java.net.InetAddress;

/** Takes care of requests whose head is in order. Called on the client's event loop. */
public interface RequestHandler {

  /** Whether what comes from there are requests of many users, and it is trusted. */
  default boolean isProxy(InetAddress peer) {
    return false;
  }

  /** Must hand the exchange to a {@code Handling}, or end it. */
  void handle(Exchange exchange);

  /** All have ended, and no further one comes. */
  default void close() {}
}
