// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.connection;

import io.github.harp.core.upstream.Upstream;
import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import org.jspecify.annotations.Nullable;

/** A connection that is being made for one request, or for the next one when that has gone. */
final class PendingConnection {

  private final Upstream upstream;
  private @Nullable Handler<Future<Channel>> user;
  private boolean over;

  PendingConnection(Upstream upstream) {
    this.upstream = upstream;
  }

  Upstream upstream() {
    return upstream;
  }

  /** Who is told its outcome; null for nobody. */
  void use(@Nullable Handler<Future<Channel>> next) {
    user = next;
  }

  boolean isOver() {
    return over;
  }

  /**
   * It has succeeded or failed.
   *
   * @return whether somebody wanted to know
   */
  boolean end(Future<Channel> outcome) {
    over = true;
    var waiting = user;
    if (waiting != null) {
      waiting.handle(outcome);
    }
    return waiting != null;
  }
}
