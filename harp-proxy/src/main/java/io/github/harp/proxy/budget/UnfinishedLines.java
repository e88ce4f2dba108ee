// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.budget;

import io.netty.buffer.ByteBuf;

/** What a decoder has taken in of a head, or of trailers, whose rest is to come. */
public final class UnfinishedLines {

  private int bytes;
  private int lines;

  /** It has read on from there, and made nothing of it yet. */
  public void taken(ByteBuf in, int begin) {
    int end = in.readerIndex();
    bytes += end - begin;
    for (int i = in.indexOf(begin, end, (byte) '\n');
        i >= 0;
        i = in.indexOf(i + 1, end, (byte) '\n')) {
      lines++;
    }
  }

  /** It has made something of them. */
  public void finished() {
    bytes = 0;
    lines = 0;
  }

  public int lines() {
    return lines;
  }

  /** About what they take of the heap. */
  public int footprint() {
    return bytes + Footprint.HEADER * lines;
  }
}
