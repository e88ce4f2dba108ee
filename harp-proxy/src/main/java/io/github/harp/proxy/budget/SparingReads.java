// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.budget;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Reads as much at a time as pays, and little at a time while memory is short: what one read has
 * brought may have to be kept.
 */
public final class SparingReads extends AdaptiveRecvByteBufAllocator {

  private static final int LITTLE_BYTES = 4 * 1024;

  /** Many reads may be under way when it becomes short. */
  private static final int LESS_BYTES = 16 * 1024;

  private final Budget buffers;

  public SparingReads(ClientBudget budget) {
    this.buffers = budget.buffers();
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
      return allocator.ioBuffer(guess());
    }

    /** What a read has brought is counted before the next one. */
    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
      return !buffers.isShort() && adaptive.continueReading(maybeMoreData);
    }
  }
}
