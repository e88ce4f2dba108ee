// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.stream;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * frp's own encryption of a byte stream: the control connection of wire protocol 1, and the payload
 * of proxies with {@code useEncryption}. Each direction starts with a random IV in clear, sent
 * together with the first byte that the side ever writes. There is no integrity check: TLS is what
 * protects a tunnel.
 *
 * @see <a href="https://github.com/fatedier/golib/tree/v0.5.0/crypto">golib v0.5.0, crypto</a>
 */
public final class CfbCipher extends ChannelDuplexHandler {

  private static final SecureRandom RANDOM = new SecureRandom();

  private final byte[] key;
  private final byte[] inboundIv = new byte[CfbStream.BLOCK_BYTES];
  private int inboundIvBytes;
  private @Nullable CfbStream inbound;
  private @Nullable CfbStream outbound;

  private CfbCipher(byte[] key) {
    this.key = key;
  }

  /**
   * A cipher for one connection; the token may be empty, then the key is a constant that everybody
   * knows.
   */
  public static CfbCipher forToken(String token) {
    return new CfbCipher(deriveKey(token));
  }

  static byte[] deriveKey(String token) {
    try {
      var spec = new PBEKeySpec(token.toCharArray(), "frp".getBytes(US_ASCII), 64, 128);
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA1").generateSecret(spec).getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(
          "this Java has no PBKDF2WithHmacSHA1, which frp's encryption needs", e);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    if (!(msg instanceof ByteBuf in)) {
      ctx.fireChannelRead(msg);
      return;
    }
    ByteBuf plain;
    try {
      while (inbound == null && in.isReadable()) {
        inboundIv[inboundIvBytes++] = in.readByte();
        if (inboundIvBytes == inboundIv.length) {
          inbound = new CfbStream(key, inboundIv);
        }
      }
      if (inbound == null || !in.isReadable()) {
        return;
      }
      plain = copy(ctx, in);
      inbound.decrypt(plain.array(), plain.arrayOffset(), plain.readableBytes());
    } finally {
      in.release();
    }
    ctx.fireChannelRead(plain);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    if (!(msg instanceof ByteBuf clear) || !clear.isReadable()) {
      ctx.write(msg, promise);
      return;
    }
    ByteBuf encrypted;
    try {
      byte[] iv = new byte[0];
      if (outbound == null) {
        iv = new byte[CfbStream.BLOCK_BYTES];
        RANDOM.nextBytes(iv);
        outbound = new CfbStream(key, iv);
      }
      encrypted = ctx.alloc().heapBuffer(iv.length + clear.readableBytes());
      encrypted.writeBytes(iv).writeBytes(clear);
      outbound.encrypt(
          encrypted.array(),
          encrypted.arrayOffset() + iv.length,
          encrypted.readableBytes() - iv.length);
    } finally {
      clear.release();
    }
    ctx.write(encrypted, promise);
  }

  /** A copy in an array, since the original may be shared with somebody else. */
  private static ByteBuf copy(ChannelHandlerContext ctx, ByteBuf original) {
    return ctx.alloc().heapBuffer(original.readableBytes()).writeBytes(original);
  }
}
