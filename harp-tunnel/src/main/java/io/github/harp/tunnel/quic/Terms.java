// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.handler.codec.quic.EpollQuicUtils;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import java.util.concurrent.TimeUnit;

/** What either end of a connection grants the other. */
final class Terms {

  /** What both say they speak. */
  static final String PROTOCOL = "frp";

  /** As frp has it. */
  private static final long IDLE_SECONDS = 30;

  private static final int SEGMENTS = 10;

  /**
   * No limit, only each stream has one: QUIC's library grants a connection no more as long as half
   * of its window lies here unread, and lets the streams of readers that once were quick have two
   * thirds of it. One that stops reading would stop all others.
   */
  private static final long CONNECTION_BYTES = (1L << 62) - 1;

  /** What may be on its way, or wait for a slow reader; grows for a quick one. */
  static final long STREAM_BYTES = 256L << 10;

  private Terms() {}

  static <B extends QuicCodecBuilder<B>> B in(B codec) {
    return codec
        .maxIdleTimeout(IDLE_SECONDS, TimeUnit.SECONDS)
        .initialMaxData(CONNECTION_BYTES)
        .initialMaxStreamDataBidirectionalLocal(STREAM_BYTES)
        .initialMaxStreamDataBidirectionalRemote(STREAM_BYTES)
        .activeMigration(false)
        .datagram(1, 1);
  }

  /** So that a run of datagrams is handed to the kernel at once. */
  static SegmentedDatagramPacketAllocator segmented(Channel socket) {
    return socket instanceof EpollDatagramChannel
        ? EpollQuicUtils.newSegmentedAllocator(SEGMENTS)
        : SegmentedDatagramPacketAllocator.NONE;
  }
}
