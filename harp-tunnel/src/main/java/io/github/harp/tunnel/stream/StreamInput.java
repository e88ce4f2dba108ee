// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;

/**
 * What a {@link StreamChannel} is fed: goes up its pipeline when that reads, and is kept meanwhile.
 * On its event loop, but for {@link #isShutdown}.
 */
final class StreamInput {

  private final StreamChannel stream;
  private final UnreadBytes unread = new UnreadBytes();
  private final Runnable readUnread = this::readUnread;
  private volatile boolean shutdown;
  private boolean readPending;
  private boolean readScheduled;
  private boolean readCompletePending;
  private boolean ended;

  StreamInput(StreamChannel stream) {
    this.stream = stream;
  }

  // ---- the feeding side

  void receive(ByteBuf data) {
    if (ended || !stream.isOpen() || !data.isReadable()) {
      data.release();
    } else if (readPending && unread.isEmpty()) {
      deliver(data);
    } else {
      int bytes = data.readableBytes();
      unread.add(data, stream.keepsSparingly() ? UnpooledByteBufAllocator.DEFAULT : stream.alloc());
      stream.onHeldBack(bytes);
    }
  }

  void complete() {
    if (readCompletePending) {
      readCompletePending = false;
      stream.pipeline().fireChannelReadComplete();
    }
  }

  /** The peer sends no more; what is kept is still delivered. */
  void end() {
    ended = true;
    if (readPending && unread.isEmpty()) {
      shutDown();
    }
  }

  boolean isEnded() {
    return ended;
  }

  // ---- the reading side

  void read() {
    readPending = true;
    boolean somethingToRead = !unread.isEmpty() || (ended && !shutdown);
    if (somethingToRead && !readScheduled) {
      readScheduled = true;
      stream.eventLoop().execute(readUnread);
    }
  }

  void stopReading() {
    readPending = false;
  }

  private void readUnread() {
    readScheduled = false;
    while (readPending && !unread.isEmpty()) {
      ByteBuf chunk = unread.poll();
      if (chunk != null) {
        stream.onReleased(chunk.readableBytes());
        deliver(chunk);
      }
    }
    if (stream.isOpen() && ended && readPending && unread.isEmpty()) {
      shutDown();
    } else {
      complete();
    }
  }

  private void deliver(ByteBuf data) {
    int bytes = data.readableBytes();
    if (!stream.config().isAutoRead()) {
      readPending = false;
    }
    readCompletePending = true;
    stream.pipeline().fireChannelRead(data);
    stream.onConsumed(bytes);
  }

  private void shutDown() {
    complete();
    if (shutdown || !stream.isOpen()) {
      return;
    }
    shutdown = true;
    if (stream.allowsHalfClosure()) {
      ChannelPipeline pipeline = stream.pipeline();
      pipeline.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
      pipeline.fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
    } else {
      stream.closeNow();
    }
  }

  boolean isShutdown() {
    return shutdown;
  }

  /** What arrives from now on is dropped. */
  void drop() {
    ended = true;
    shutDown();
  }

  /** The channel is closed: nobody reads what is kept. */
  void release() {
    shutdown = true;
    for (ByteBuf chunk = unread.poll(); chunk != null; chunk = unread.poll()) {
      stream.onReleased(chunk.readableBytes());
      chunk.release();
    }
  }
}
