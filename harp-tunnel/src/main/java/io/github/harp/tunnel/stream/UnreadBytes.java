// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that arrived while the reader was not reading.
 *
 * <p>Small pieces are copied together: a one-byte slice that is kept would keep the whole receive
 * buffer it was cut from, and a peer that sends one-byte frames could hold far more memory than its
 * credit says.
 */
final class UnreadBytes {

  private static final int CHUNK_BYTES = 16 * 1024;
  private static final int FIRST_CHUNK_BYTES = 256;

  private final ArrayDeque<ByteBuf> chunks = new ArrayDeque<>(4);
  private @Nullable ByteBuf openChunk;

  boolean isEmpty() {
    return chunks.isEmpty();
  }

  /**
   * Takes over {@code data}.
   *
   * @param allocator for copies; if it does not pool, everything is copied, to the heap
   */
  void add(ByteBuf data, ByteBufAllocator allocator) {
    boolean copies = !allocator.isDirectBufferPooled();
    if (data.readableBytes() >= CHUNK_BYTES && !copies) {
      openChunk = null;
      chunks.add(data);
      return;
    }
    try {
      if (openChunk == null || openChunk.readableBytes() + data.readableBytes() > CHUNK_BYTES) {
        int bytes = Math.max(FIRST_CHUNK_BYTES, data.readableBytes());
        int most = Math.max(CHUNK_BYTES, bytes);
        openChunk = copies ? allocator.heapBuffer(bytes, most) : allocator.buffer(bytes, most);
        chunks.add(openChunk);
      }
      openChunk.writeBytes(data);
    } finally {
      data.release();
    }
  }

  /** The oldest bytes, which the caller must release; null when there are none. */
  @Nullable ByteBuf poll() {
    ByteBuf oldest = chunks.poll();
    if (oldest == openChunk) {
      openChunk = null;
    }
    return oldest;
  }
}
