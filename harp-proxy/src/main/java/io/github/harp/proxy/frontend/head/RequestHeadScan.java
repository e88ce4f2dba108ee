// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.head;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Reads the bytes of an HTTP/1 request head before the codec does and refuses what the codec would
 * repair: a repaired request may mean one thing to us and another to the ExApp (RFC 9112, sections
 * 2.2, 3 and 5). Scans each byte once, however the head is split over reads.
 */
public final class RequestHeadScan implements ByteProcessor {

  private static final String HTTP_1 = "HTTP/1.";
  private static final int MAX_METHOD_LENGTH = 32;
  private static final boolean[] TOKEN = new boolean[256];

  static {
    for (char c = '!'; c <= '~'; c++) {
      TOKEN[c] = "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0;
    }
  }

  private enum Expect {
    FIRST_LINE,
    FIRST_LINE_AFTER_CR,
    METHOD,
    TARGET,
    VERSION,
    LINE_FEED,
    HEADER,
    NAME,
    VALUE,
    LAST_LINE_FEED,
    NOTHING
  }

  private final int maxBytes;
  private Expect expect = Expect.FIRST_LINE;
  private int scanned;
  private int length;
  private boolean emptyLineSeen;
  private boolean nonAsciiTarget;
  private @Nullable MalformedRequest violation;

  public RequestHeadScan(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * Continues with the bytes that arrived since the last call.
   *
   * @return whether the head is complete or refused
   */
  public boolean scan(ByteBuf in) {
    int available = Math.min(in.readableBytes(), maxBytes) - scanned;
    if (available > 0) {
      int stoppedAt = in.forEachByte(in.readerIndex() + scanned, available, this);
      scanned = stoppedAt < 0 ? scanned + available : stoppedAt - in.readerIndex() + 1;
    }
    if (expect != Expect.NOTHING && violation == null && scanned >= maxBytes) {
      violation =
          expect == Expect.TARGET
              ? new MalformedRequest(414, "request target longer than " + maxBytes + " bytes")
              : new MalformedRequest(431, "request head longer than " + maxBytes + " bytes");
    }
    return expect == Expect.NOTHING || violation != null;
  }

  public @Nullable MalformedRequest violation() {
    return violation;
  }

  public boolean hasNonAsciiTarget() {
    return nonAsciiTarget;
  }

  /** Whether a part of a head has been seen, as opposed to nothing at all. */
  public boolean hasBegun() {
    return scanned > 0;
  }

  public void reset() {
    expect = Expect.FIRST_LINE;
    scanned = 0;
    emptyLineSeen = false;
    nonAsciiTarget = false;
    violation = null;
  }

  @Override
  public boolean process(byte signed) {
    int b = signed & 0xff;
    switch (expect) {
      case VALUE:
        if (b >= ' ' && b != 0x7f || b == '\t') {
          return true;
        }
        return b == '\r' ? next(Expect.LINE_FEED) : refuse("control byte in a header value", b);
      case NAME:
        if (TOKEN[b]) {
          return true;
        }
        return b == ':' ? next(Expect.VALUE) : refuse("byte in a header name", b);
      case TARGET:
        if (b == ' ') {
          return length == 0 ? refuse("byte instead of a target", b) : next(Expect.VERSION);
        }
        length++;
        if (b > ' ' && b < 0x7f && b != '#') {
          return true;
        }
        nonAsciiTarget = true;
        return b >= 0x80 || refuse("byte in the request target", b);
      case METHOD:
        if (TOKEN[b] && ++length < MAX_METHOD_LENGTH) {
          return true;
        }
        return b == ' ' ? next(Expect.TARGET) : refuse("byte in the method", b);
      case VERSION:
        if (length < HTTP_1.length()
            ? b == HTTP_1.charAt(length)
            : length == HTTP_1.length() && (b == '0' || b == '1')) {
          length++;
          return true;
        }
        return length > HTTP_1.length() && b == '\r'
            ? next(Expect.LINE_FEED)
            : refuse("byte in the protocol version", b);
      case LINE_FEED:
        return b == '\n' ? next(Expect.HEADER) : refuse("byte after CR", b);
      case HEADER:
        if (TOKEN[b]) {
          return next(Expect.NAME);
        }
        return b == '\r' ? next(Expect.LAST_LINE_FEED) : refuse("first byte of a header line", b);
      case LAST_LINE_FEED:
        if (b != '\n') {
          return refuse("byte after CR", b);
        }
        expect = Expect.NOTHING;
        return false;
      case FIRST_LINE:
        if (TOKEN[b]) {
          return next(Expect.METHOD);
        }
        return b == '\r' && !emptyLineSeen
            ? next(Expect.FIRST_LINE_AFTER_CR)
            : refuse("first byte of a request", b);
      case FIRST_LINE_AFTER_CR:
        emptyLineSeen = true;
        return b == '\n' ? next(Expect.FIRST_LINE) : refuse("byte after CR", b);
      default:
        return false;
    }
  }

  private boolean next(Expect state) {
    expect = state;
    length = 0;
    return true;
  }

  private boolean refuse(String what, int b) {
    violation = new MalformedRequest(what + ": 0x" + Integer.toHexString(b));
    return false;
  }
}
