// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.netty.buffer.ByteBuf;

/**
 * The 12 bytes before every yamux frame.
 *
 * @param type one of the {@code TYPE_} constants
 * @param flags a mask of {@link #SYN}, {@link #ACK}, {@link #FIN}, {@link #RST}
 * @param streamId the stream, unsigned; 0 for the session itself
 * @param length unsigned: payload bytes, a credit, a ping's value or a reason, depending on the
 *     type
 */
record FrameHeader(int type, int flags, int streamId, long length) {

  static final int BYTES = 12;

  static final int TYPE_DATA = 0;
  static final int TYPE_WINDOW_UPDATE = 1;
  static final int TYPE_PING = 2;
  static final int TYPE_GO_AWAY = 3;

  static final int SYN = 1;
  static final int ACK = 2;
  static final int FIN = 4;
  static final int RST = 8;

  /** GoAway: an orderly end, no new streams. */
  static final int REASON_NORMAL = 0;

  /** GoAway: the receiver of this broke the protocol. */
  static final int REASON_PROTOCOL_ERROR = 1;

  private static final int VERSION = 0;
  private static final int KNOWN_FLAGS = SYN | ACK | FIN | RST;

  boolean isOfStream() {
    return type == TYPE_DATA || type == TYPE_WINDOW_UPDATE;
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  static FrameHeader read(ByteBuf in) throws TunnelException {
    int version = in.readUnsignedByte();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedShort();
    int streamId = in.readInt();
    long length = in.readUnsignedInt();
    if (version != VERSION) {
      throw new TunnelException(
          Code.PROTOCOL_VIOLATION, "frame version " + version + "; expected 0");
    }
    if (type > TYPE_GO_AWAY) {
      throw new TunnelException(
          Code.PROTOCOL_VIOLATION, "frame type " + type + "; expected 0 to 3");
    }
    if ((flags & ~KNOWN_FLAGS) != 0) {
      throw new TunnelException(
          Code.PROTOCOL_VIOLATION,
          "frame flags 0x" + Integer.toHexString(flags) + "; known are 1, 2, 4, 8");
    }
    return new FrameHeader(type, flags, streamId, length);
  }

  static void write(ByteBuf out, int type, int flags, int streamId, int length) {
    out.writeByte(VERSION).writeByte(type).writeShort(flags).writeInt(streamId).writeInt(length);
  }
}
