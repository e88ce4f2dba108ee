// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.budget;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Reads as much at a time as pays, and little at a time while memory is short: what one read has
 * brought may have to be kept. Large reads count while they are under way, since io_uring has one
 * of every readable channel at a time. Confined to the channel's event loop.
 */
public final class SparingReads extends AdaptiveRecvByteBufAllocator {

  private static final int LITTLE_BYTES = 4 * 1024;

  /** Many reads may be under way when it becomes short. */
  private static final int LESS_BYTES = 16 * 1024;

  private final Budget buffers;
  private int underWay;
  private boolean closed;

  private SparingReads(Budget buffers) {
    this.buffers = buffers;
  }

  /** From now on this channel is read so, and once in each turn of its loop. */
  public static void install(Channel channel, ClientBudget budget) {
    var reads = new SparingReads(budget.buffers());
    channel.config().setRecvByteBufAllocator(reads);
    channel.closeFuture().addListener(done -> reads.close());
  }

  /** A read that is cancelled with its channel is told to nobody. */
  private void close() {
    underWay(0);
    closed = true;
  }

  private void underWay(int bytes) {
    if (bytes != underWay && !closed) {
      buffers.add(bytes - underWay);
      underWay = bytes;
    }
  }

  @Override
  public RecvByteBufAllocator.Handle newHandle() {
    return new Sparing((RecvByteBufAllocator.ExtendedHandle) super.newHandle());
  }

  private final class Sparing extends RecvByteBufAllocator.DelegatingHandle
      implements RecvByteBufAllocator.ExtendedHandle {

    private final RecvByteBufAllocator.ExtendedHandle adaptive;

    Sparing(RecvByteBufAllocator.ExtendedHandle adaptive) {
      super(adaptive);
      this.adaptive = adaptive;
    }

    @Override
    public int guess() {
      int guess = adaptive.guess();
      if (buffers.isShort()) {
        return Math.min(LITTLE_BYTES, guess);
      }
      return buffers.isHalfUsed() ? Math.min(LESS_BYTES, guess) : guess;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      int size = guess();
      underWay(size > LITTLE_BYTES ? size : 0);
      return allocator.ioBuffer(size);
    }

    @Override
    public void lastBytesRead(int bytes) {
      underWay(0);
      super.lastBytesRead(bytes);
    }

    @Override
    public void readComplete() {
      underWay(0);
      super.readComplete();
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
      return adaptive.continueReading(maybeMoreData);
    }
  }
}
