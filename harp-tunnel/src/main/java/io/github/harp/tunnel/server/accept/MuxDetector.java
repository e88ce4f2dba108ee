// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.carrier.Carrier;
import io.github.harp.tunnel.carrier.TcpCarrier;
import io.github.harp.tunnel.carrier.YamuxCarrier;
import io.github.harp.tunnel.stream.FatalErrors;
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
    if (first == 0) {
      carry(ctx, YamuxCarrier.server(ctx.channel(), openings.yamux(), streams()));
    } else if (FIRST_BYTES_OF_A_STREAM.indexOf(first) >= 0) {
      carry(ctx, TcpCarrier.server(ctx.channel(), streams()));
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

  private ChannelHandler streams() {
    return openings.streams().apply(connection);
  }

  /** What has arrived goes on to it. */
  private void carry(ChannelHandlerContext ctx, Carrier carrier) {
    connection.carry(carrier);
    ctx.pipeline().remove(this);
  }

  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws Exception {
    isEnd = true;
    super.decodeLast(ctx, in, out);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    FatalErrors.look(ctx.channel(), cause);
    ctx.close();
  }
}
