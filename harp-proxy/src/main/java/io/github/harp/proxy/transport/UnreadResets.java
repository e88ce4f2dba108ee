// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.transport;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;

/**
 * Connections that were reset while nobody reads them, on epoll and io_uring: where bytes have come
 * before, nothing says that there is no more to wait for.
 */
public final class UnreadResets {

  /** As Linux numbers the states of TCP. */
  private static final int CLOSED = 7;

  private static final int UNKNOWN = 0;

  private UnreadResets() {}

  /** Closes one that is not read and over. A system call: to be asked now and then. */
  public static void look(Channel channel) {
    if (!channel.config().isAutoRead()) {
      closeIfOver(channel);
    }
  }

  /** The same where not to read is the affair of a handler. */
  public static void closeIfOver(Channel channel) {
    if (channel.isActive() && state(channel) == CLOSED) {
      channel.unsafe().close(channel.voidPromise());
    }
  }

  private static int state(Channel channel) {
    if (channel instanceof EpollSocketChannel socket) {
      return socket.tcpInfo().state();
    }
    return channel instanceof IoUringSocketChannel socket ? socket.tcpInfo().state() : UNKNOWN;
  }
}
