// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;

/**
 * How much of a connection is read in one turn of its event loop. Of somebody who is not known it
 * is one read: sixteen, Netty's usual, are a megabyte of frames as small as they can be, and a
 * hundred such connections held the event loop for more than a second.
 */
public final class FirstReads extends AdaptiveRecvByteBufAllocator {

  /** What sockets have unless somebody says otherwise. */
  private static final int USUAL_READS = 16;

  private FirstReads() {
    maxMessagesPerRead(1);
  }

  /** From now on, before its first read; on the channel's event loop. */
  public static void install(Channel channel) {
    channel.config().setRecvByteBufAllocator(new FirstReads());
  }

  /**
   * Its client is known; on the channel's event loop. Connections that are read in another way stay
   * as they are.
   */
  public static void end(Channel channel) {
    if (channel.config().getRecvByteBufAllocator() instanceof FirstReads reads) {
      reads.maxMessagesPerRead(USUAL_READS);
    }
  }
}
