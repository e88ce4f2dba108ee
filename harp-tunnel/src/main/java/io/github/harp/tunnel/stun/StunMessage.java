// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stun;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** Binding requests and answers: RFC 8489, 5 and 14; RFC 5780, 7.4; what RFC 3489 called them. */
final class StunMessage {

  private static final int BINDING_REQUEST = 0x0001;
  private static final int BINDING_SUCCESS = 0x0101;
  private static final int COOKIE = 0x2112_A442;
  private static final int HEADER = 20;
  static final int TRANSACTION = 12;
  private static final int COOKIE_AND_TRANSACTION = 4 + TRANSACTION;
  private static final int ATTRIBUTE_HEADER = 4;
  private static final int MAPPED_ADDRESS = 0x0001;
  private static final int CHANGED_ADDRESS = 0x0005;
  private static final int XOR_MAPPED_ADDRESS = 0x0020;
  private static final int OTHER_ADDRESS = 0x802C;

  /** Attributes below may not be passed over. */
  private static final int OPTIONAL = 0x8000;

  private static final int IPV4 = 1;
  private static final int IPV6 = 2;
  private static final int IPV4_BYTES = 4;
  private static final int IPV6_BYTES = 16;

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

  /** A request for nothing but one's own address. */
  static ByteBuf question(ByteBufAllocator allocator, byte[] transaction) {
    return allocator
        .buffer(HEADER)
        .writeShort(BINDING_REQUEST)
        .writeShort(0)
        .writeInt(COOKIE)
        .writeBytes(transaction);
  }

  /** Whether it answers the question of this transaction. Leaves the buffer as it is. */
  static boolean isAnswer(ByteBuf message, byte[] transaction) {
    var from = message.readerIndex();
    return message.readableBytes() >= HEADER
        && message.getUnsignedShort(from) == BINDING_SUCCESS
        && message.getUnsignedShort(from + 2) == message.readableBytes() - HEADER
        && message.getInt(from + 4) == COOKIE
        && ByteBufUtil.equals(
            message,
            from + HEADER - TRANSACTION,
            Unpooled.wrappedBuffer(transaction),
            0,
            TRANSACTION);
  }

  /** Where an answer says that the question came from. */
  static Optional<InetSocketAddress> mapped(ByteBuf answer) {
    return address(answer, XOR_MAPPED_ADDRESS, true)
        .or(() -> address(answer, MAPPED_ADDRESS, false));
  }

  /** Where the same question can be asked once more. */
  static Optional<InetSocketAddress> other(ByteBuf answer) {
    return address(answer, OTHER_ADDRESS, false).or(() -> address(answer, CHANGED_ADDRESS, false));
  }

  private static Optional<InetSocketAddress> address(ByteBuf message, int type, boolean masked) {
    var at = message.readerIndex() + HEADER;
    while (at + ATTRIBUTE_HEADER <= message.writerIndex()) {
      var length = message.getUnsignedShort(at + 2);
      var value = at + ATTRIBUTE_HEADER;
      if (value + length > message.writerIndex()) {
        return Optional.empty();
      }
      if (message.getUnsignedShort(at) == type) {
        return address(message, value, length, masked);
      }
      at = value + padded(length);
    }
    return Optional.empty();
  }

  private static Optional<InetSocketAddress> address(
      ByteBuf message, int at, int length, boolean masked) {
    if (length != 4 + IPV4_BYTES && length != 4 + IPV6_BYTES) {
      return Optional.empty();
    }
    var bytes = new byte[length - 4];
    message.getBytes(at + 4, bytes);
    var port = message.getUnsignedShort(at + 2);
    if (masked) {
      port ^= COOKIE >>> Short.SIZE;
      for (var i = 0; i < bytes.length; i++) {
        bytes[i] ^= message.getByte(message.readerIndex() + HEADER - COOKIE_AND_TRANSACTION + i);
      }
    }
    try {
      return port == 0
          ? Optional.empty()
          : Optional.of(new InetSocketAddress(InetAddress.getByAddress(bytes), port));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
    }
  }
}
