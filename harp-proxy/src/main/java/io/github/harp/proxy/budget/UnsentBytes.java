// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.budget;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.util.AttributeKey;

/** What was written to a channel and is not sent. */
public final class UnsentBytes {

  private static final AttributeKey<Boolean> AWAITED =
      AttributeKey.valueOf(UnsentBytes.class, "awaited");

  private UnsentBytes() {}

  /** Its bytes; also of channels without an outbound buffer, such as streams of HTTP/2. */
  public static long of(Channel channel) {
    if (!channel.isActive()) {
      return 0;
    }
    var buffer = channel.unsafe().outboundBuffer();
    if (buffer != null) {
      return buffer.totalPendingWriteBytes();
    }
    // Both are counted from one byte past the mark.
    if (channel.isWritable()) {
      return channel.config().getWriteBufferHighWaterMark() + 1 - channel.bytesBeforeUnwritable();
    }
    long above = channel.bytesBeforeWritable();
    boolean isClosing = above == Long.MAX_VALUE;
    return isClosing ? 0 : channel.config().getWriteBufferLowWaterMark() - 1 + above;
  }

  /** Of how many pieces it is: a small one takes more of the heap than it has bytes. */
  public static int pieces(Channel channel) {
    var buffer = channel.isActive() ? channel.unsafe().outboundBuffer() : null;
    return buffer == null ? 0 : buffer.size();
  }

  /**
   * Whether all is sent that the channel was given. Where it is not, the channel's writability is
   * told anew once it is: io_uring sends later than it is asked to. On the channel's event loop.
   */
  public static boolean isSent(Channel channel) {
    if (of(channel) == 0) {
      return true;
    }
    if (channel.unsafe().outboundBuffer() != null
        && channel.attr(AWAITED).setIfAbsent(true) == null) {
      // Past handlers that would take it for a part of a message.
      channel.unsafe().write(Unpooled.EMPTY_BUFFER, toldWhenDone(channel));
      channel.unsafe().flush();
    }
    return false;
  }

  private static ChannelPromise toldWhenDone(Channel channel) {
    return channel
        .newPromise()
        .addListener(done -> channel.eventLoop().execute(() -> tell(channel)));
  }

  private static void tell(Channel channel) {
    channel.attr(AWAITED).set(null);
    channel.pipeline().fireChannelWritabilityChanged();
  }
}
