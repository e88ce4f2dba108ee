// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

/** Connects those who come from another server. */
@FunctionalInterface
public interface LinkReceiver {

  /**
   * A channel on {@code loop} with autoRead off, as {@link io.github.harp.tunnel.TunnelServer#dial}
   * gives it; what fails is told to the other server. Cancelled when nobody waits for it any more.
   *
   * @param destination what the other server has asked for: one line of at most {@link
   *     Links#MAX_DESTINATION} characters, of whatever kind
   */
  Future<Channel> receive(String destination, EventLoop loop);
}
