// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.exchange;

/** Takes care of requests whose head is in order. Called on the client's event loop. */
public interface RequestHandler {

  /** Must hand the exchange to a {@code Handling}, or end it. */
  void handle(Exchange exchange);

  /** All have ended, and no further one comes. */
  default void close() {}
}
