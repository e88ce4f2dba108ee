// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.transport;

import io.vertx.core.Vertx;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
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
   * Starts Vert.x on the transport of choice and logs which one it is, and why not a better one.
   *
   * @throws IllegalArgumentException when the one that was asked for, or any, does not work here
   */
  public Vertx start() {
    return start(Transport::start);
  }

  /**
   * @param starter fails with an {@link IllegalStateException} where one does not work
   */
  Vertx start(Function<Transport, Vertx> starter) {
    if (this != AUTO) {
      var wanted = Transport.valueOf(name());
      try {
        var vertx = starter.apply(wanted);
        LOG.info("transport {}, as configured", wanted);
        return vertx;
      } catch (IllegalStateException e) {
        throw new IllegalArgumentException(
            "transport " + wanted + " does not work here (" + e.getMessage() + ")", e);
      }
    }
    var passedOver = new StringBuilder();
    for (var transport : Transport.values()) {
      try {
        var vertx = starter.apply(transport);
        LOG.info("transport {}{}", transport, passedOver);
        return vertx;
      } catch (IllegalStateException e) {
        passedOver.append("; not ").append(transport).append(": ").append(e.getMessage());
        warnOfMendable(transport, e);
      }
    }
    throw new IllegalArgumentException("no transport works here" + passedOver);
  }

  private static void warnOfMendable(Transport transport, IllegalStateException failure) {
    if (isMendable(transport.unavailability(), failure)) {
      LOG.warn(
          "transport {} is passed over, since its event loops can't be had here: {} (HP_TRANSPORT"
              + " asks for a certain one)",
          transport,
          failure.getMessage());
    }
  }

  /**
   * A kernel or a container without a transport is nothing to warn of at each start; one that has
   * it and lacks the memory for it is, which Netty tells in words only.
   *
   * @param missing why it can't be used at all; null when it can
   */
  static boolean isMendable(@Nullable Throwable missing, IllegalStateException failure) {
    return missing == null || String.valueOf(failure.getMessage()).contains("memlock");
  }
}
