// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.netty.buffer.Unpooled;

/** Frames as they stand on the wire, and what is in those that were sent. */
final class Frames {

  static final String OPEN_1 = "000100010000000100000000";
  static final String OPEN_3 = "000100010000000300000000";
  static final String ACK_1 = "000100020000000100000000";
  static final String ACK_3 = "000100020000000300000000";
  static final String FIN_1 = "000100040000000100000000";
  static final String RST_1 = "000100080000000100000000";
  static final String RST_3 = "000100080000000300000000";
  static final String GO_AWAY_PROTOCOL_ERROR = "000300000000000000000001";

  private Frames() {}

  interface FrameVisitor {
    void frame(int offset, int type, int stream, int length);
  }

  static void visit(byte[] sent, FrameVisitor visitor) {
    for (int at = 0; at < sent.length; ) {
      var header = Unpooled.wrappedBuffer(sent, at, FrameHeader.BYTES);
      int type = header.getByte(1);
      int length = header.getInt(8);
      visitor.frame(at, type, header.getInt(4), length);
      at += FrameHeader.BYTES + (type == FrameHeader.TYPE_DATA ? length : 0);
    }
  }

  static int payloadBytes(byte[] sent) {
    int[] sum = new int[1];
    visit(sent, (at, type, stream, length) -> sum[0] += type == FrameHeader.TYPE_DATA ? length : 0);
    return sum[0];
  }

  static int largestFrame(byte[] sent) {
    int[] max = new int[1];
    visit(sent, (at, type, stream, length) -> max[0] = Math.max(max[0], length));
    return max[0];
  }

  static long credit(byte[] sent) {
    long[] sum = new long[1];
    visit(
        sent,
        (at, type, stream, length) ->
            sum[0] += type == FrameHeader.TYPE_WINDOW_UPDATE ? length : 0);
    return sum[0];
  }

  static int positionOfStream(byte[] sent, int wanted) {
    int[] position = {Integer.MAX_VALUE};
    visit(
        sent,
        (at, type, stream, length) -> {
          if (stream == wanted) {
            position[0] = Math.min(position[0], at);
          }
        });
    return position[0];
  }
}
