// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.transport;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;

/**
 * Connections that were reset or ended by their peers while nobody reads them, on epoll and
 * io_uring: where bytes have come before, nothing says that there is no more to wait for.
 */
public final class UnreadEnds {

  /** As Linux numbers the states of TCP. */
  private static final int CLOSED = 7;

  /** Its peer has ended its side. */
  private static final int CLOSE_WAIT = 8;

  private static final int UNKNOWN = 0;

  private UnreadEnds() {}

  /**
   * Closes one that is not read and over. A system call: to be asked now and then.
   *
   * @return whether it is not read, and its peer sends no more than what has come
   */
  public static boolean look(Channel channel) {
    return !channel.config().isAutoRead() && lookAt(channel) == CLOSE_WAIT;
  }

  /** The same where not to read is the affair of a handler. */
  public static void closeIfOver(Channel channel) {
    lookAt(channel);
  }

  private static int lookAt(Channel channel) {
    int state = channel.isActive() ? state(channel) : UNKNOWN;
    if (state == CLOSED) {
      channel.unsafe().close(channel.voidPromise());
    }
    return state;
  }

  private static int state(Channel channel) {
    if (channel instanceof EpollSocketChannel socket) {
      return socket.tcpInfo().state();
    }
    return channel instanceof IoUringSocketChannel socket ? socket.tcpInfo().state() : UNKNOWN;
  }
}
