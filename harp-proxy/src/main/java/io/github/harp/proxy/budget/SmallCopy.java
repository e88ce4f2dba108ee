// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.budget;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpContent;

/**
 * Content that has to wait without the rest of what was read with it: two bytes would keep the
 * buffer of the whole read, and count as two.
 */
public final class SmallCopy {

  /** Content of less than such a part of its buffer is copied. */
  private static final int PART = 4;

  private SmallCopy() {}

  /** The same content, in a buffer of its size when its own is much larger; takes ownership. */
  public static HttpContent of(HttpContent content, ByteBufAllocator allocator) {
    var bytes = content.content();
    int length = bytes.readableBytes();
    if (length == 0 || length >= whole(bytes).capacity() / PART) {
      return content;
    }
    var copy = content.replace(allocator.buffer(length).writeBytes(bytes));
    content.release();
    return copy;
  }

  private static ByteBuf whole(ByteBuf part) {
    var whole = part;
    for (var next = whole.unwrap(); next != null; next = next.unwrap()) {
      whole = next;
    }
    return whole;
  }
}
