// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.websocket;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * What stands before the payload of a frame (RFC 6455, section 5.2); used for one after another.
 */
final class FrameHead {

  static final int CONTINUATION = 0x0;
  static final int TEXT = 0x1;
  static final int BINARY = 0x2;
  static final int CLOSE = 0x8;
  static final int PING = 0x9;
  static final int PONG = 0xA;

  /** Of a frame that is no data. */
  static final int MOST_CONTROL_BYTES = 125;

  /** With the longest length, and a mask. */
  static final int MOST_BYTES = 14;

  private static final int FIN = 0x80;
  private static final int RESERVED = 0x70;
  private static final int MASKED = 0x80;
  private static final int SHORT_FOLLOWS = 126;
  private static final int LONG_FOLLOWS = 127;
  private static final int MOST_IN_SHORT = 0xFFFF;

  private final boolean mustBeMasked;
  private final ByteBuf bytes = Unpooled.buffer(MOST_BYTES, MOST_BYTES);
  private int opcode;
  private boolean last;
  private long payloadBytes;
  private int mask;

  /**
   * @param mustBeMasked what clients send is, and what servers send is not
   */
  FrameHead(boolean mustBeMasked) {
    this.mustBeMasked = mustBeMasked;
  }

  /** Takes what it can of it; true when it is whole, and the next one may begin. */
  boolean takeFrom(ByteBuf in) throws TunnelException {
    if (!bytes.isReadable() && in.readableBytes() >= MOST_BYTES) {
      read(in);
      return true;
    }
    int missing = neededBytes() - bytes.readableBytes();
    while (missing > 0 && in.isReadable()) {
      bytes.writeBytes(in, Math.min(missing, in.readableBytes()));
      missing = neededBytes() - bytes.readableBytes();
    }
    if (missing > 0) {
      return false;
    }
    read(bytes);
    bytes.clear();
    return true;
  }

  private int neededBytes() {
    if (bytes.readableBytes() < Short.BYTES) {
      return Short.BYTES;
    }
    int length = bytes.getByte(1) & ~MASKED & 0xFF;
    int more = length == LONG_FOLLOWS ? Long.BYTES : length == SHORT_FOLLOWS ? Short.BYTES : 0;
    return Short.BYTES + more + ((bytes.getByte(1) & MASKED) == 0 ? 0 : Integer.BYTES);
  }

  private void read(ByteBuf in) throws TunnelException {
    int first = in.readUnsignedByte();
    int second = in.readUnsignedByte();
    opcode = first & 0x0F;
    last = (first & FIN) != 0;
    int length = second & ~MASKED;
    payloadBytes =
        length == LONG_FOLLOWS
            ? in.readLong()
            : length == SHORT_FOLLOWS ? in.readUnsignedShort() : length;
    boolean isMasked = (second & MASKED) != 0;
    mask = isMasked ? in.readInt() : 0;
    boolean isMinimal =
        length == LONG_FOLLOWS
            ? payloadBytes > MOST_IN_SHORT
            : length != SHORT_FOLLOWS || payloadBytes >= SHORT_FOLLOWS;
    boolean isKnown = isData() || opcode == CLOSE || opcode == PING || opcode == PONG;
    boolean mayBe = isData() || last && payloadBytes <= MOST_CONTROL_BYTES;
    if ((first & RESERVED) != 0 || !isKnown || !isMinimal || !mayBe || isMasked != mustBeMasked) {
      throw new TunnelException(
          Code.PROTOCOL_VIOLATION,
          "a WebSocket frame that begins with 0x%02x%02x and announces %d bytes"
              .formatted(first, second, payloadBytes));
    }
  }

  boolean isData() {
    return opcode == CONTINUATION || opcode == TEXT || opcode == BINARY;
  }

  int opcode() {
    return opcode;
  }

  /** Whether its message ends with it. */
  boolean isLast() {
    return last;
  }

  long payloadBytes() {
    return payloadBytes;
  }

  int mask() {
    return mask;
  }

  /** Writes one of a frame that is a whole message. */
  static void write(ByteBuf out, int opcode, int payloadBytes, boolean masked) {
    out.writeByte(FIN | opcode);
    int flag = masked ? MASKED : 0;
    if (payloadBytes < SHORT_FOLLOWS) {
      out.writeByte(flag | payloadBytes);
    } else if (payloadBytes <= MOST_IN_SHORT) {
      out.writeByte(flag | SHORT_FOLLOWS).writeShort(payloadBytes);
    } else {
      out.writeByte(flag | LONG_FOLLOWS).writeLong(payloadBytes);
    }
  }
}
