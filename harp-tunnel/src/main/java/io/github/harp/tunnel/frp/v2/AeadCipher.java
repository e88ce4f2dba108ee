// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.v2;

import io.github.harp.tunnel.frp.stream.FailFastCodec;
import io.github.harp.tunnel.stream.FloodGuard;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The control connection of wire protocol 2: each direction is a random nonce in clear and then
 * records of a length and up to 64 KiB sealed with AES-256-GCM. Record and message boundaries are
 * independent.
 *
 * @see <a href="https://github.com/fatedier/golib/blob/v0.8.1/crypto/aead_stream.go">golib v0.8.1,
 *     crypto/aead_stream.go</a>
 */
final class AeadCipher extends FailFastCodec<ByteBuf> {

  static final int MAX_PLAIN_BYTES = 65_536;

  /** Below it a record costs far more than its bytes: empty ones are no message, and never end. */
  private static final int SMALL_BYTES = 64;

  /** frp seals the head of each message by itself; two hundred messages may come at once. */
  private static final int SMALL_BURST = 1_000;

  private static final int SMALL_PER_SECOND = 200;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final boolean ofServer;
  private final byte[] inboundKey;
  private final byte[] outboundKey;
  private @Nullable AeadRecords inbound;
  private @Nullable AeadRecords outbound;
  private @Nullable FloodGuard small;

  /**
   * Takes one 32-byte key per direction.
   *
   * @param ofServer whether small records are to be few: a server says as many as users come
   */
  AeadCipher(boolean ofServer, byte[] inboundKey, byte[] outboundKey) {
    this.ofServer = ofServer;
    this.inboundKey = inboundKey.clone();
    this.outboundKey = outboundKey.clone();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    if (ofServer) {
      small = new FloodGuard(SMALL_BURST, SMALL_PER_SECOND, ctx.executor().ticker().nanoTime());
    }
    super.handlerAdded(ctx);
  }

  @Override
  protected void read(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (inbound == null) {
      if (in.readableBytes() < AeadRecords.NONCE_BYTES) {
        return;
      }
      var nonce = new byte[AeadRecords.NONCE_BYTES];
      in.readBytes(nonce);
      inbound = new AeadRecords(inboundKey, nonce);
    }
    if (in.readableBytes() < 4) {
      return;
    }
    int length = in.getInt(in.readerIndex());
    if (length < AeadRecords.TAG_BYTES || length > MAX_PLAIN_BYTES + AeadRecords.TAG_BYTES) {
      throw new TooLongFrameException(
          "encrypted record announces %d bytes; expected %d-%d"
              .formatted(
                  length & 0xffffffffL,
                  AeadRecords.TAG_BYTES,
                  MAX_PLAIN_BYTES + AeadRecords.TAG_BYTES));
    }
    if (in.readableBytes() < 4 + length) {
      return;
    }
    if (length - AeadRecords.TAG_BYTES < SMALL_BYTES && isFlood(ctx)) {
      throw new TooLongFrameException("too many small encrypted records");
    }
    in.skipBytes(4);
    var sealed = new byte[length];
    in.readBytes(sealed);
    try {
      var plain = inbound.open(sealed);
      if (plain.length > 0) {
        out.add(ctx.alloc().buffer(plain.length).writeBytes(plain));
      }
    } catch (GeneralSecurityException e) {
      throw new CorruptedFrameException(
          "encrypted record does not verify: the token differs or bytes were altered", e);
    }
  }

  private boolean isFlood(ChannelHandlerContext ctx) {
    return small != null && !small.allow(ctx.executor().ticker().nanoTime());
  }

  @Override
  protected void encode(ChannelHandlerContext ctx, ByteBuf msg, ByteBuf out)
      throws GeneralSecurityException {
    while (msg.isReadable()) {
      if (outbound == null) {
        var nonce = new byte[AeadRecords.NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        outbound = new AeadRecords(outboundKey, nonce);
        out.writeBytes(nonce);
      }
      var plain = new byte[Math.min(msg.readableBytes(), MAX_PLAIN_BYTES)];
      msg.readBytes(plain);
      var sealed = outbound.seal(plain);
      out.writeInt(sealed.length).writeBytes(sealed);
    }
  }
}
