// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.server.TunnelListener;
import io.github.harp.tunnel.stream.FloodGuard;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log and the listener who was turned away, and why. A warning, since nothing else tells
 * an administrator why an ExApp or engine cannot dial in; a flood does not fill the log.
 * Thread-safe.
 */
final class Refusals {

  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
  private static final int MAX_REASON_LENGTH = 500;
  private static final int LINES_PER_SECOND = 10;

  private final boolean areServers;
  private final TunnelListener listener;
  private final LongSupplier nanoTime;
  private final FloodGuard rate;
  private final AtomicLong unreported = new AtomicLong();

  /**
   * @param areServers whether clients are to be other servers, and not frp's
   */
  Refusals(boolean areServers, TunnelListener listener, LongSupplier nanoTime) {
    this.areServers = areServers;
    this.listener = listener;
    this.nanoTime = nanoTime;
    this.rate = new FloodGuard(LINES_PER_SECOND, LINES_PER_SECOND, nanoTime.getAsLong());
  }

  /** A connection, a login or a proxy was turned away. */
  void refused(InetSocketAddress address, RefusalCode code, String reason) {
    String shown = Printable.of(areServers ? amongServers(code) : reason, MAX_REASON_LENGTH);
    listener.refused(address, code, shown);
    if (mayLog()) {
      long left = unreported.getAndSet(0);
      LOG.warn(
          "refused {}:{}: {}{}",
          address.getAddress().getHostAddress(),
          address.getPort(),
          shown,
          left > 0 ? " (and " + left + " more that were not logged)" : "");
    } else {
      unreported.incrementAndGet();
    }
  }

  /** What an administrator of frp clients can set would be of no help here. */
  private static String amongServers(RefusalCode code) {
    return "at the port for other servers: "
        + switch (code) {
          case CLIENT_CERTIFICATE -> "its certificate is none of theirs: it has another secret";
          case SERVER_CERTIFICATE ->
              "it left amid the handshake; if it does not know this one's certificate, it has another"
                  + " secret";
          case TOO_MANY -> "it has said nothing yet, and others come";
          default -> "it is none (" + code + ")";
        };
  }

  private synchronized boolean mayLog() {
    return rate.allow(nanoTime.getAsLong());
  }
}
