// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Bytes in hexadecimal, and what codec tests do with them. */
public final class Bytes {

  private Bytes() {}

  /** Buffer of these hexadecimal digits; white space is for the reader. */
  public static ByteBuf hex(String digits) {
    return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(digits.replaceAll("\\s", "")));
  }

  public static String hex(ByteBuf bytes) {
    try {
      return ByteBufUtil.hexDump(bytes);
    } finally {
      bytes.release();
    }
  }

  /** Everything that the channel has written, as one string of hexadecimal digits. */
  public static String written(EmbeddedChannel channel) {
    return hex(outbound(channel));
  }

  /** Everything that the channel has written, as one buffer that the caller releases. */
  public static ByteBuf outbound(EmbeddedChannel channel) {
    var all = Unpooled.buffer();
    ByteBuf part;
    while ((part = channel.readOutbound()) != null) {
      all.writeBytes(part);
      part.release();
    }
    return all;
  }

  /**
   * Everything that has come through the channel as bytes, as one buffer that the caller releases.
   */
  public static ByteBuf inbound(EmbeddedChannel channel) {
    var all = Unpooled.buffer();
    ByteBuf part;
    while ((part = channel.readInbound()) != null) {
      all.writeBytes(part);
      part.release();
    }
    return all;
  }

  /** Cuts the bytes at places that the seed decides, some of them very small. */
  public static List<ByteBuf> split(ByteBuf bytes, long seed) {
    var random = new Random(seed);
    var parts = new ArrayList<ByteBuf>();
    int small = Math.max(24, bytes.readableBytes() / 64);
    while (bytes.isReadable()) {
      int most =
          random.nextInt(4) == 0 ? bytes.readableBytes() : Math.min(bytes.readableBytes(), small);
      parts.add(bytes.readBytes(1 + random.nextInt(most)));
    }
    bytes.release();
    return parts;
  }

  /** Gives the parts to the channel until it refuses one; says how, or null if it took them all. */
  public static @Nullable DecoderException refusal(EmbeddedChannel channel, List<ByteBuf> parts) {
    DecoderException refusal = null;
    for (var part : parts) {
      if (refusal != null) {
        part.release();
        continue;
      }
      try {
        channel.writeInbound(part);
      } catch (DecoderException e) {
        refusal = e;
      }
    }
    return refusal;
  }
}
