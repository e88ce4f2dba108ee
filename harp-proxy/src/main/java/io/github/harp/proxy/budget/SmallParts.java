// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.budget;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Joins the small parts of a body that come with one read: a chunk of one byte would take hundreds
 * of the heap, and as much time as a large one, on all of its way. Belongs to a decoder, and is
 * confined to its event loop.
 */
public final class SmallParts {

  /** A part of no more bytes is small. */
  public static final int SMALL_BYTES = 256;

  private static final int FIRST_BYTES = 1024;

  /** What decoding so many takes as long as a request does. */
  private static final int LIKE_A_REQUEST = 32;

  private @Nullable HttpContent held;
  private @Nullable ByteBuf joined;
  private int parts;

  /** Takes what the decoder has just made, and leaves of it what is to be handed on now. */
  public void join(List<Object> made, ByteBufAllocator allocator) {
    if (made.size() == 1 && made.get(0) instanceof HttpContent part) {
      parts++;
      if (isSmall(part)) {
        made.clear();
        hold(part, allocator);
      }
    }
    if (!made.isEmpty() && held != null) {
      made.add(0, take());
    }
  }

  private static boolean isSmall(HttpContent part) {
    return !(part instanceof LastHttpContent) && part.content().readableBytes() <= SMALL_BYTES;
  }

  /** A single one stays as it is. */
  private void hold(HttpContent part, ByteBufAllocator allocator) {
    var first = held;
    if (first == null) {
      held = part;
      return;
    }
    var to = joined;
    if (to == null) {
      to = allocator.buffer(FIRST_BYTES).writeBytes(first.content());
      first.release();
      joined = to;
      held = new DefaultHttpContent(to);
    }
    to.writeBytes(part.content());
    part.release();
  }

  /** What is to be handed on at the end of a read; null for nothing. */
  public @Nullable HttpContent take() {
    var all = held;
    held = null;
    joined = null;
    return all;
  }

  /** As many requests as what was decoded since {@link #begin} costs. */
  public int asRequests() {
    return parts / LIKE_A_REQUEST;
  }

  /** Counts anew: another read, or another turn. */
  public void begin() {
    parts = 0;
  }
}
