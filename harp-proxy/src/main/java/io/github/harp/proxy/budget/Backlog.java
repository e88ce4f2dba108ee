// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.budget;

import io.netty.channel.Channel;

/** What was written to a channel and is not sent. */
public final class Backlog {

  private Backlog() {}

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
    return channel.isWritable()
        ? channel.config().getWriteBufferHighWaterMark() + 1 - channel.bytesBeforeUnwritable()
        : channel.config().getWriteBufferLowWaterMark() - 1 + channel.bytesBeforeWritable();
  }
}
