// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;

/** UDP sockets for as much as a line carries. */
public final class DatagramSockets {

  private static final int BUFFER_BYTES = 4 << 20;

  /**
   * Of a run of datagrams, which Linux hands over as one; such a run is an acknowledgement less.
   */
  private static final int RUN_BYTES = 65_536;

  private static final int RUNS_AT_A_TIME = 16;

  private DatagramSockets() {}

  /** One on this event loop, with nothing in its pipeline. */
  public static Bootstrap on(EventLoop loop) {
    var transport = SocketKind.of(loop);
    var bootstrap = new Bootstrap();
    if (transport == SocketKind.EPOLL) {
      bootstrap.option(EpollChannelOption.UDP_GRO, true);
    }
    return bootstrap
        .group(loop)
        .channel(transport.udpChannel())
        .option(ChannelOption.SO_RCVBUF, BUFFER_BYTES)
        .option(ChannelOption.SO_SNDBUF, BUFFER_BYTES)
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new FixedRecvByteBufAllocator(RUN_BYTES).maxMessagesPerRead(RUNS_AT_A_TIME))
        .handler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {}
            });
  }
}
