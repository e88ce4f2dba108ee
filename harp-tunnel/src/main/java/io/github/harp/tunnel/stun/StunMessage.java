// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stun;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetSocketAddress;

/** Binding requests and what is answered: RFC 8489, 5 and 14; RFC 5780, 7.4. */
final class StunMessage {

  private static final int BINDING_REQUEST = 0x0001;
  private static final int BINDING_SUCCESS = 0x0101;
  private static final int COOKIE = 0x2112_A442;
  private static final int HEADER = 20;
  private static final int TRANSACTION = 12;
  private static final int COOKIE_AND_TRANSACTION = 4 + TRANSACTION;
  private static final int ATTRIBUTE_HEADER = 4;
  private static final int XOR_MAPPED_ADDRESS = 0x0020;
  private static final int OTHER_ADDRESS = 0x802C;

  /** Attributes below may not be passed over. */
  private static final int OPTIONAL = 0x8000;

  private static final int IPV4 = 1;
  private static final int IPV6 = 2;
  private static final int IPV4_BYTES = 4;

  private StunMessage() {}

  /** Whether it asks for nothing but its own address. Leaves the buffer as it is. */
  static boolean isBindingRequest(ByteBuf message) {
    var from = message.readerIndex();
    if (message.readableBytes() < HEADER
        || message.getUnsignedShort(from) != BINDING_REQUEST
        || message.getUnsignedShort(from + 2) != message.readableBytes() - HEADER
        || message.getInt(from + 4) != COOKIE) {
      return false;
    }
    var at = from + HEADER;
    while (at + ATTRIBUTE_HEADER <= message.writerIndex()) {
      if (message.getUnsignedShort(at) < OPTIONAL) {
        return false;
      }
      at += ATTRIBUTE_HEADER + padded(message.getUnsignedShort(at + 2));
    }
    return at == message.writerIndex();
  }

  private static int padded(int length) {
    return (length + 3) & ~3;
  }

  /**
   * @param request a binding request
   * @param seen whence it came
   * @param other where the same question can be asked once more
   */
  static ByteBuf answer(
      ByteBufAllocator allocator,
      ByteBuf request,
      InetSocketAddress seen,
      InetSocketAddress other) {
    var mapped = seen.getAddress().getAddress();
    var length = attribute(mapped) + attribute(other.getAddress().getAddress());
    var answer = allocator.buffer(HEADER + length);
    answer.writeShort(BINDING_SUCCESS).writeShort(length).writeInt(COOKIE);
    answer.writeBytes(request, request.readerIndex() + HEADER - TRANSACTION, TRANSACTION);
    var mask = new byte[COOKIE_AND_TRANSACTION];
    answer.getBytes(HEADER - COOKIE_AND_TRANSACTION, mask);
    for (var i = 0; i < mapped.length; i++) {
      mapped[i] ^= mask[i];
    }
    write(answer, XOR_MAPPED_ADDRESS, seen.getPort() ^ COOKIE >>> Short.SIZE, mapped);
    write(answer, OTHER_ADDRESS, other.getPort(), other.getAddress().getAddress());
    return answer;
  }

  private static int attribute(byte[] address) {
    return ATTRIBUTE_HEADER + 4 + address.length;
  }

  private static void write(ByteBuf to, int type, int port, byte[] address) {
    to.writeShort(type).writeShort(4 + address.length);
    to.writeShort(address.length == IPV4_BYTES ? IPV4 : IPV6).writeShort(port);
    to.writeBytes(address);
  }
}
