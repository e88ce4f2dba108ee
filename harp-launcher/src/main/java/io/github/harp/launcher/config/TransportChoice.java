// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import java.util.Locale;

/** How sockets are driven. */
public enum TransportChoice {
  /** The best that works here. */
  AUTO,
  IO_URING,
  EPOLL,
  NIO;

  static TransportChoice parse(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "auto" -> AUTO;
      case "io_uring" -> IO_URING;
      case "epoll" -> EPOLL;
      case "nio" -> NIO;
      default -> throw new IllegalArgumentException("auto, io_uring, epoll or nio");
    };
  }
}
