// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.v2;

import io.github.harp.tunnel.frp.Message;
import io.github.harp.tunnel.frp.MessageCodec;
import io.github.harp.tunnel.frp.V1Codec;
import io.github.harp.tunnel.frp.stream.FailFastCodec;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * The server's first look at a logical connection: puts the {@link MessageCodec} that the client's
 * first bytes ask for in its own place. Whoever receives the first {@link Message} finds the codec
 * with {@code pipeline.get(MessageCodec.class)}.
 */
public final class WireDetector extends ByteToMessageDecoder {

  private final int mostBytes;

  /**
   * @param mostBytes of a message that is read until the codec is told to encrypt
   */
  public WireDetector(int mostBytes) {
    this.mostBytes = mostBytes;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) throws Exception {
    super.channelRead(ctx, msg instanceof ByteBuf bytes ? FailFastCodec.onItsOwn(bytes) : msg);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int seen = Math.min(in.readableBytes(), V2Codec.MAGIC.length());
    for (int i = 0; i < seen; i++) {
      if (in.getByte(in.readerIndex() + i) != V2Codec.MAGIC.byteAt(i)) {
        ctx.pipeline().replace(this, null, new V1Codec(mostBytes));
        return;
      }
    }
    if (seen == V2Codec.MAGIC.length()) {
      in.skipBytes(seen);
      ctx.pipeline().replace(this, null, V2Codec.server(mostBytes));
    }
  }
}
