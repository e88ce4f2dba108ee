// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.github.harp.tunnel.stream.HeldBytes;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.TimeUnit;

/**
 * Stops reading the connection of a session that has more than its part of the limit of all
 * sessions, while that limit is exceeded: TCP then holds the peer back.
 *
 * <p>It is the last resort before readers that fetch nothing are reset, and short: nobody is given
 * credit for more meanwhile, and every byte that a reader fetches makes room.
 */
final class ReadPause {

  private static final long TICK_MILLIS = 10;

  private final ChannelHandlerContext connection;
  private final SessionCredit credit;
  private final HeldBytes all;
  private final KeepAlive keepAlive;
  private boolean paused;

  ReadPause(
      ChannelHandlerContext connection, SessionCredit credit, HeldBytes all, KeepAlive keepAlive) {
    this.connection = connection;
    this.credit = credit;
    this.all = all;
    this.keepAlive = keepAlive;
  }

  /** To be called when bytes have been read. */
  void check() {
    if (!paused && credit.mustWait()) {
      paused = true;
      connection.channel().config().setAutoRead(false);
      tick();
    }
  }

  private void tick() {
    if (!connection.channel().isActive()) {
      return;
    }
    // Whoever is not read can't be heard.
    keepAlive.onBytes();
    if (credit.mustWait()) {
      all.reclaim(connection.executor().ticker().nanoTime());
      connection.executor().schedule(this::tick, TICK_MILLIS, TimeUnit.MILLISECONDS);
    } else {
      paused = false;
      connection.channel().config().setAutoRead(true);
    }
  }
}
