// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.transport;

import io.github.harp.core.HarpException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the user asked for: the best transport that works here, or a certain one. */
public enum TransportChoice {
  AUTO,
  IO_URING,
  EPOLL,
  NIO;

  private static final Logger LOG = LoggerFactory.getLogger(TransportChoice.class);

  /**
   * Picks and logs a transport.
   *
   * @throws IllegalArgumentException when the one that was asked for does not work here
   */
  public Transport pick() {
    if (this != AUTO) {
      var wanted = Transport.valueOf(name());
      var cause = wanted.unavailability();
      if (cause != null) {
        throw new IllegalArgumentException(
            "transport " + wanted + " does not work here (" + rootMessage(cause) + ")", cause);
      }
      LOG.info("transport {}, as configured", wanted);
      return wanted;
    }
    var passedOver = new StringBuilder();
    for (var transport : Transport.values()) {
      var cause = transport.unavailability();
      if (cause == null) {
        LOG.info("transport {}{}", transport, passedOver);
        return transport;
      }
      passedOver.append("; not ").append(transport).append(": ").append(rootMessage(cause));
    }
    throw new IllegalStateException("no transport works here" + passedOver);
  }

  private static String rootMessage(Throwable failure) {
    var root = failure;
    for (var cause = root.getCause(); cause != null; cause = root.getCause()) {
      root = cause;
    }
    return HarpException.reasonOf(root);
  }
}
