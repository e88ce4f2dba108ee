// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.websocket;

import io.netty.buffer.ByteBuf;

/** What a client's payload is XORed with (RFC 6455, section 5.3). */
final class Mask {

  private static final int BITS = Byte.SIZE;

  private Mask() {}

  /**
   * Puts it on, or takes it off.
   *
   * @return the mask for what follows in the same frame
   */
  static int apply(int mask, ByteBuf bytes, int from, int length) {
    int at = from;
    int end = from + length;
    long wide = (long) mask << Integer.SIZE | mask & 0xFFFF_FFFFL;
    for (; end - at >= Long.BYTES; at += Long.BYTES) {
      bytes.setLong(at, bytes.getLong(at) ^ wide);
    }
    int turned = mask;
    for (; at < end; at++) {
      turned = Integer.rotateLeft(turned, BITS);
      bytes.setByte(at, bytes.getByte(at) ^ turned);
    }
    return turned;
  }
}
