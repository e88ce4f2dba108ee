// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the lines of an answer's head before the codec forgets how they were written: what ends
 * them, and how often they say where the body ends.
 */
final class AnswerHeadScan {

  private static final int FRAME_HEAD_BYTES = 9;
  private static final int SETTINGS = 4;

  private boolean complete;
  private boolean startLineSeen;
  private boolean bareLineFeeds;
  private boolean bareLineFeedsNow;
  private boolean chunked;
  private boolean lengthNotZero;
  private int lengths;

  /**
   * Takes the whole lines that are there, as the codec will; the first one after a complete head
   * begins the next.
   *
   * @return how many bytes of the head they are
   */
  int scan(ByteBuf in) {
    if (complete) {
      reset();
    }
    bareLineFeedsNow = false;
    int begin = in.readerIndex();
    int line = begin;
    while (!complete) {
      int lineFeed = in.indexOf(line, in.writerIndex(), (byte) '\n');
      if (lineFeed < 0) {
        break;
      }
      boolean isBare = lineFeed == line || in.getByte(lineFeed - 1) != '\r';
      bareLineFeedsNow |= isBare;
      int end = isBare ? lineFeed : lineFeed - 1;
      if (end > line) {
        line(in, line, end);
      } else {
        complete = startLineSeen;
      }
      line = lineFeed + 1;
    }
    bareLineFeeds |= bareLineFeedsNow;
    return line - begin;
  }

  /** Whether it begins with settings, as a server does that has been greeted in HTTP/2. */
  boolean isHttp2(ByteBuf in) {
    int begin = in.readerIndex();
    return in.readableBytes() >= FRAME_HEAD_BYTES
        && in.getByte(begin) == 0
        && in.getByte(begin + 3) == SETTINGS
        && in.getInt(begin + 5) == 0;
  }

  private void reset() {
    complete = false;
    startLineSeen = false;
    bareLineFeeds = false;
    chunked = false;
    lengthNotZero = false;
    lengths = 0;
  }

  private void line(ByteBuf in, int begin, int end) {
    if (!startLineSeen) {
      startLineSeen = true;
    } else if (isNamed(in, begin, end, HttpHeaderNames.TRANSFER_ENCODING)) {
      chunked = true;
    } else if (isNamed(in, begin, end, HttpHeaderNames.CONTENT_LENGTH)) {
      lengths++;
      for (int i = begin + HttpHeaderNames.CONTENT_LENGTH.length(); i < end; i++) {
        byte b = in.getByte(i);
        lengthNotZero |= b >= '1' && b <= '9';
        lengths += b == ',' ? 1 : 0;
      }
    }
  }

  private static boolean isNamed(ByteBuf in, int begin, int end, AsciiString name) {
    int length = name.length();
    if (end - begin <= length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if ((in.getByte(begin + i) | 0x20) != (name.byteAt(i) | 0x20)) {
        return false;
      }
    }
    byte next = in.getByte(begin + length);
    return next == ':' || next == ' ' || next == '\t';
  }

  /** Whether the lines of the last scan have some. */
  boolean hasBareLineFeeds() {
    return bareLineFeedsNow;
  }

  /** Whether bytes are to follow. */
  boolean announcesBody() {
    return chunked || lengthNotZero;
  }

  /** What a strict reader would refuse, and what is made of it; null when it is in order. */
  @Nullable String lenience() {
    if (chunked && lengths > 0) {
      return "both Transfer-Encoding and Content-Length: Transfer-Encoding wins";
    }
    if (lengths > 1) {
      return lengths + " equal Content-Lengths: they count as one";
    }
    return bareLineFeeds ? "a line that ends in LF without CR: LF ends it" : null;
  }

  /** A copy of whole lines, each with a proper end. */
  static ByteBuf withCarriageReturns(ByteBuf lines, ByteBufAllocator alloc) {
    var repaired = alloc.buffer(lines.readableBytes() + 16);
    byte last = 0;
    while (lines.isReadable()) {
      byte b = lines.readByte();
      if (b == '\n' && last != '\r') {
        repaired.writeByte('\r');
      }
      repaired.writeByte(b);
      last = b;
    }
    return repaired;
  }
}
