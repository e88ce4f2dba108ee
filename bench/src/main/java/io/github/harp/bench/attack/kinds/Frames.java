// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.attack.kinds;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * Frames by hand, valid or not: of HTTP/2 (RFC 9113), yamux, WebSocket, and frp's first message.
 */
final class Frames {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  /** SETTINGS_INITIAL_WINDOW_SIZE. */
  static final int INITIAL_WINDOW = 4;

  static final int YAMUX_DATA = 0;
  static final int YAMUX_WINDOW = 1;
  static final int YAMUX_PING = 2;
  static final int SYN = 1;
  static final int FIN = 4;
  static final int RST = 8;

  private static final int YAMUX_HEADER_BYTES = 12;
  private static final int LITERAL_IN_TABLE = 0x40;

  private Frames() {}

  /** A frame of HTTP/2. */
  static ByteBuf h2(int type, int flags, int stream, ByteBuf payload) {
    var head = Unpooled.buffer(9).writeMedium(payload.readableBytes());
    head.writeByte(type).writeByte(flags).writeInt(stream);
    return Unpooled.wrappedBuffer(head, payload);
  }

  /** One whose payload is so many zeros. */
  static ByteBuf h2(int type, int flags, int stream, int zeros) {
    return h2(type, flags, stream, Unpooled.wrappedBuffer(new byte[zeros]));
  }

  /** A frame that holds one number of 32 bits: RST_STREAM or WINDOW_UPDATE. */
  static ByteBuf number(int type, int stream, int number) {
    return h2(type, 0, stream, Unpooled.buffer(4).writeInt(number));
  }

  static ByteBuf setting(int name, int value) {
    return h2(SETTINGS, 0, 0, Unpooled.buffer(6).writeShort(name).writeInt(value));
  }

  /** The preface and a first setting. */
  static ByteBuf hello(int setting, int value) {
    return Unpooled.wrappedBuffer(
        Line.bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), setting(setting, value));
  }

  /** A whole request without a body. */
  static ByteBuf get(int stream, String path) {
    return h2(HEADERS, END_STREAM | END_HEADERS, stream, block("GET", path));
  }

  /** A header block of a request, without compression. */
  static ByteBuf block(String method, String path) {
    var block = Unpooled.buffer();
    field(block, ":method", method);
    field(block, ":scheme", "http");
    field(block, ":path", path);
    field(block, ":authority", "x");
    return block;
  }

  /** Adds a field, literal and without a place in the table; values of up to 16 KiB. */
  static ByteBuf field(ByteBuf block, String name, String value) {
    block.writeByte(0);
    text(block, name);
    return text(block, value);
  }

  /** The same with a place in the table, the newest, number 62. */
  static ByteBuf indexedField(ByteBuf block, String name, String value) {
    block.writeByte(LITERAL_IN_TABLE);
    text(block, name);
    return text(block, value);
  }

  /** A frame of yamux; a number stands where the length of data would. */
  static ByteBuf yamux(int type, int flags, int stream, int number) {
    return Unpooled.buffer(YAMUX_HEADER_BYTES)
        .writeByte(0)
        .writeByte(type)
        .writeShort(flags)
        .writeInt(stream)
        .writeInt(number);
  }

  /** Opens a stream of yamux with data in it. */
  static ByteBuf stream(int stream, ByteBuf data) {
    var head = yamux(YAMUX_DATA, SYN, stream, data.readableBytes());
    return Unpooled.wrappedBuffer(head, data);
  }

  /** A message of frp as version 1 has it. */
  static ByteBuf frp(char type, String json) {
    var bytes = json.getBytes(StandardCharsets.UTF_8);
    return Unpooled.buffer().writeByte(type).writeLong(bytes.length).writeBytes(bytes);
  }

  static ByteBuf login(String key) {
    return frp(
        'o',
        "{\"version\":\"0.61.1\",\"timestamp\":1,\"metas\":{\"token\":\"%s\"}}".formatted(key));
  }

  /** A frame of WebSocket's, masked with zeros; up to 65,535 bytes. */
  static ByteBuf webSocket(int opcode, int zeros) {
    var frame = Unpooled.buffer().writeByte(0x80 | opcode);
    if (zeros < 126) {
      frame.writeByte(0x80 | zeros);
    } else {
      frame.writeByte(0x80 | 126).writeShort(zeros);
    }
    return frame.writeZero(4 + zeros);
  }

  /** HPACK's texts: a length with a prefix of 7 bits, no Huffman. */
  private static ByteBuf text(ByteBuf block, String text) {
    int length = text.length();
    if (length < 127) {
      block.writeByte(length);
    } else {
      block.writeByte(127);
      int rest = length - 127;
      for (; rest >= 128; rest >>= 7) {
        block.writeByte(rest & 127 | 128);
      }
      block.writeByte(rest);
    }
    return block.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
