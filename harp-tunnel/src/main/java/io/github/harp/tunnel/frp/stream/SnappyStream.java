// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.compression.DecompressionException;
import io.netty.handler.codec.compression.Snappy;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Payload of proxies with {@code useCompression}: the snappy framing format. Every write becomes
 * chunks at once, so that an interactive protocol never waits; a chunk that gains less than an
 * eighth goes uncompressed.
 *
 * <p>Netty brings such a codec, but it trusts the announced length of a chunk up to 16 MiB; here it
 * is held to what the format allows before anything is kept. The block compression is Netty's.
 *
 * @see <a href="https://github.com/google/snappy/blob/main/framing_format.txt">snappy framing
 *     format</a>
 */
final class SnappyStream extends FailFastCodec<ByteBuf> {

  private static final int COMPRESSED = 0x00;
  private static final int UNCOMPRESSED = 0x01;
  private static final int FIRST_SKIPPABLE = 0x80;
  private static final int STREAM_IDENTIFIER = 0xff;
  private static final byte[] IDENTIFIER = {'s', 'N', 'a', 'P', 'p', 'Y'};

  private static final int CHECKSUM_BYTES = 4;
  private static final int MAX_CHUNK_PLAIN_BYTES = 65_536;

  /** What 64 KiB can grow to when compression goes wrong, by the format's own formula. */
  private static final int MAX_CHUNK_BYTES =
      CHECKSUM_BYTES + 32 + MAX_CHUNK_PLAIN_BYTES + MAX_CHUNK_PLAIN_BYTES / 6;

  /** Netty's compressor keeps positions in a short. */
  private static final int MAX_COMPRESSOR_BYTES = Short.MAX_VALUE;

  private final Snappy compressor = Snappy.withHashTableReuse();
  private final Snappy decompressor = new Snappy();
  private boolean identifierSent;
  private boolean identifierSeen;
  private int bytesToSkip;

  @Override
  protected void encode(ChannelHandlerContext ctx, ByteBuf plain, ByteBuf out) {
    if (!plain.isReadable()) {
      return;
    }
    if (!identifierSent) {
      identifierSent = true;
      writeHeader(out, STREAM_IDENTIFIER, IDENTIFIER.length);
      out.writeBytes(IDENTIFIER);
    }
    while (plain.isReadable()) {
      writeChunk(ctx, plain.readSlice(Math.min(plain.readableBytes(), MAX_COMPRESSOR_BYTES)), out);
    }
  }

  private void writeChunk(ChannelHandlerContext ctx, ByteBuf plain, ByteBuf out) {
    int length = plain.readableBytes();
    int checksum = checksum(plain);
    var compressed = ctx.alloc().buffer(length + length / 6 + 32);
    try {
      compressor.reset();
      compressor.encode(plain.duplicate(), compressed, length);
      boolean gain = compressed.readableBytes() < length - length / 8;
      var data = gain ? compressed : plain;
      writeHeader(out, gain ? COMPRESSED : UNCOMPRESSED, CHECKSUM_BYTES + data.readableBytes());
      out.writeIntLE(checksum).writeBytes(data);
    } finally {
      compressed.release();
    }
  }

  private static void writeHeader(ByteBuf out, int type, int length) {
    out.writeByte(type).writeMediumLE(length);
  }

  @Override
  protected void read(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (bytesToSkip > 0) {
      int skipped = Math.min(bytesToSkip, in.readableBytes());
      in.skipBytes(skipped);
      bytesToSkip -= skipped;
      return;
    }
    if (in.readableBytes() < 4) {
      return;
    }
    int type = in.getUnsignedByte(in.readerIndex());
    int length = in.getUnsignedMediumLE(in.readerIndex() + 1);
    if (!identifierSeen && type != STREAM_IDENTIFIER) {
      throw new CorruptedFrameException(
          "compressed stream starts with chunk type 0x%02x".formatted(type));
    }
    if (type >= FIRST_SKIPPABLE && type != STREAM_IDENTIFIER) {
      in.skipBytes(4);
      bytesToSkip = length;
      return;
    }
    requireAllowed(type, length);
    if (in.readableBytes() < 4 + length) {
      return;
    }
    in.skipBytes(4);
    readChunk(ctx, type, in.readSlice(length), out);
  }

  private static void requireAllowed(int type, int length) {
    int least = type == STREAM_IDENTIFIER ? IDENTIFIER.length : CHECKSUM_BYTES;
    int most =
        switch (type) {
          case COMPRESSED -> MAX_CHUNK_BYTES;
          case UNCOMPRESSED -> CHECKSUM_BYTES + MAX_CHUNK_PLAIN_BYTES;
          case STREAM_IDENTIFIER -> IDENTIFIER.length;
          default ->
              throw new CorruptedFrameException(
                  "chunk type 0x%02x must not be skipped".formatted(type));
        };
    if (length < least || length > most) {
      throw new TooLongFrameException(
          "chunk type 0x%02x announces %d bytes; expected %d-%d"
              .formatted(type, length, least, most));
    }
  }

  private void readChunk(ChannelHandlerContext ctx, int type, ByteBuf chunk, List<Object> out) {
    if (type == STREAM_IDENTIFIER) {
      if (!chunk.equals(Unpooled.wrappedBuffer(IDENTIFIER))) {
        throw new CorruptedFrameException("compressed stream is not snappy");
      }
      identifierSeen = true;
      return;
    }
    int expected = chunk.readIntLE();
    var plain = type == COMPRESSED ? decompress(ctx, chunk) : chunk.retain();
    if (checksum(plain) != expected) {
      plain.release();
      throw new CorruptedFrameException("checksum of a compressed chunk does not match");
    }
    if (plain.isReadable()) {
      out.add(plain);
    } else {
      plain.release();
    }
  }

  private ByteBuf decompress(ChannelHandlerContext ctx, ByteBuf chunk) {
    int length = plainLength(chunk);
    var plain = ctx.alloc().buffer(length, length);
    try {
      decompressor.reset();
      decompressor.decode(chunk, plain);
      if (plain.readableBytes() != length) {
        throw new CorruptedFrameException(
            "chunk holds %d bytes, announced are %d".formatted(plain.readableBytes(), length));
      }
      return plain.retain();
    } catch (DecompressionException | IndexOutOfBoundsException e) {
      throw new CorruptedFrameException("chunk does not decompress", e);
    } finally {
      plain.release();
    }
  }

  /** The length that a block announces, a little-endian base-128 number, without consuming it. */
  private static int plainLength(ByteBuf block) {
    long length = 0;
    for (int i = 0; i < 5 && i < block.readableBytes(); i++) {
      int next = block.getByte(block.readerIndex() + i);
      length |= (long) (next & 0x7f) << (7 * i);
      if (next >= 0) {
        if (length > MAX_CHUNK_PLAIN_BYTES) {
          break;
        }
        return (int) length;
      }
    }
    throw new TooLongFrameException(
        "chunk decompresses to more than %d bytes".formatted(MAX_CHUNK_PLAIN_BYTES));
  }

  /** CRC-32C, rotated and offset as the format asks. */
  private static int checksum(ByteBuf data) {
    var crc = new CRC32C();
    for (ByteBuffer part : data.nioBuffers()) {
      crc.update(part);
    }
    int value = (int) crc.getValue();
    return ((value >>> 15) | (value << 17)) + 0xa282ead8;
  }
}
