// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.yamux.YamuxSession;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Looks at the first byte after TLS: 0 begins a yamux session, the type byte of a message (or the
 * magic of wire protocol 2) a connection that is one stream. frp's own server is told by
 * configuration instead.
 */
final class MuxDetector extends ByteToMessageDecoder {

  private static final String FIRST_BYTES_OF_A_STREAM = "owvF";

  private final Connection connection;
  private final Acceptor.Openings openings;
  private boolean isEnd;

  MuxDetector(Connection connection, Acceptor.Openings openings) {
    this.connection = connection;
    this.openings = openings;
    setSingleDecode(true);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int first = in.getUnsignedByte(in.readerIndex());
    ChannelHandler streams = openings.streams().apply(connection);
    if (first == 0) {
      YamuxSession session = YamuxSession.server(openings.yamux(), streams);
      connection.carry(session);
      ctx.pipeline().replace(this, null, session);
    } else if (FIRST_BYTES_OF_A_STREAM.indexOf(first) >= 0) {
      ctx.pipeline().replace(this, null, streams);
    } else {
      Foreigner.of(in, isEnd)
          .ifPresent(
              who -> {
                openings.refusals().refused(connection.address(), who.code(), who.text());
                in.skipBytes(in.readableBytes());
                ctx.close();
              });
    }
  }

  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws Exception {
    isEnd = true;
    super.decodeLast(ctx, in, out);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
