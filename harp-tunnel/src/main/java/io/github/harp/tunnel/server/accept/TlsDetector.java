// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.RefusalCode;
import io.github.harp.tunnel.server.accept.Connection.Stage;
import io.github.harp.tunnel.stream.FatalErrors;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.util.List;

/**
 * Looks at the first byte of a connection: TLS or not.
 *
 * <p>A TLS client starts with its ClientHello (0x16), or, before frp 0.50 and when configured so,
 * with frp's own marker 0x17 in front of it.
 */
final class TlsDetector extends ByteToMessageDecoder {

  private static final int FRP_MARKER = 0x17;
  private static final int TLS_HANDSHAKE = 0x16;

  private final Connection connection;
  private final Acceptor.Openings openings;
  private boolean isEnd;

  TlsDetector(Connection connection, Acceptor.Openings openings) {
    this.connection = connection;
    this.openings = openings;
    setSingleDecode(true);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    connection.reached(Stage.SPEAKING);
    int first = in.getUnsignedByte(in.readerIndex());
    boolean isTls = first == FRP_MARKER || first == TLS_HANDSHAKE;
    var options = openings.options();
    if (isTls && options.tls().isPresent()) {
      if (first == FRP_MARKER) {
        in.skipBytes(1);
      }
      startTls(ctx, options.tls().get().get());
    } else if (!isTls && options.plain()) {
      ctx.pipeline().replace(this, null, new MuxDetector(connection, openings));
    } else if (isTls) {
      refuse(ctx, in, RefusalCode.TLS_NOT_SERVED, TlsMismatch.SERVER_WITHOUT_TLS);
    } else {
      Foreigner.of(in, isEnd).ifPresent(who -> refuse(ctx, in, who.code(), who.text()));
    }
  }

  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws Exception {
    isEnd = true;
    super.decodeLast(ctx, in, out);
  }

  private void refuse(ChannelHandlerContext ctx, ByteBuf in, RefusalCode code, String text) {
    openings.refusals().refused(connection.address(), code, text);
    in.skipBytes(in.readableBytes());
    ctx.close();
  }

  private void startTls(ChannelHandlerContext ctx, SslContext context) {
    SslHandler handler = context.newHandler(ctx.alloc());
    var patience = openings.options().limits().times().firstMessage();
    handler.setHandshakeTimeoutMillis(patience.toMillis());
    handler
        .handshakeFuture()
        .addListener(
            done -> {
              if (done.isSuccess()) {
                connection.reached(Stage.SECURE);
              } else if (done.cause() != null) {
                TlsMismatch mismatch = TlsMismatch.of(done.cause());
                openings.refusals().refused(connection.address(), mismatch.code(), mismatch.text());
              }
            });
    ctx.pipeline().addAfter(ctx.name(), null, new MuxDetector(connection, openings));
    ctx.pipeline().replace(this, null, handler);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    FatalErrors.look(ctx.channel(), cause);
    if (cause instanceof DecoderException) {
      openings
          .refusals()
          .refused(
              connection.address(),
              RefusalCode.TLS_FAILED,
              "no TLS context: " + cause.getMessage());
    }
    ctx.close();
  }
}
