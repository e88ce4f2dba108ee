// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http1;

/**
 * Where an HTTP/1 connection is.
 *
 * <pre>
 * from                    to         when
 * OPEN, DRAINING, FULL    OPEN       the next request may come
 * OPEN                    DRAINING   an answer is complete before its request
 * OPEN, DRAINING          FULL       the client has to take its answers first
 * OPEN, DRAINING, FULL    CLOSING    the last answer is on its way
 * OPEN                    UPGRADED   another protocol has the channel
 * each                    CLOSED     no answer is on its way any more
 * </pre>
 */
enum Http1State {
  OPEN,
  DRAINING,
  FULL,
  CLOSING,
  UPGRADED,
  CLOSED;

  boolean mayBecome(Http1State next) {
    return switch (next) {
      case OPEN, CLOSING -> this == OPEN || this == DRAINING || this == FULL;
      case FULL -> this == OPEN || this == DRAINING;
      case DRAINING, UPGRADED -> this == OPEN;
      case CLOSED -> true;
    };
  }

  /** Whether nothing more of HTTP/1 happens. */
  boolean isLast() {
    return this == UPGRADED || this == CLOSED;
  }
}
