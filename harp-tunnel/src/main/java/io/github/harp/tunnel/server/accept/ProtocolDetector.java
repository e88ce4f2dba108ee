// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.carrier.Carrier;
import io.github.harp.tunnel.carrier.TcpCarrier;
import io.github.harp.tunnel.carrier.YamuxCarrier;
import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.server.WebSockets;
import io.github.harp.tunnel.server.accept.Connection.Stage;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.github.harp.tunnel.websocket.Agreement;
import io.github.harp.tunnel.websocket.ServerHandshake;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Looks at the first byte of a connection, and once more at the first inside TLS and WebSocket,
 * either of which may be around the other.
 *
 * <p>A TLS client starts with its ClientHello (0x16), or, before frp 0.50 and when configured so,
 * with frp's own marker 0x17 in front of it. A yamux session starts with 0, a connection that is
 * one stream with the type byte of a message or the magic of wire protocol 2; frp's own server is
 * told by configuration instead. A WebSocket starts with a request for frp's path.
 */
final class ProtocolDetector extends ByteToMessageDecoder {

  private static final int FRP_MARKER = 0x17;
  private static final int TLS_HANDSHAKE = 0x16;
  private static final String FIRST_BYTES_OF_A_STREAM = "owvF";

  private final Connection connection;
  private final Acceptor.Openings openings;
  private final Around around;
  private boolean isEnd;

  ProtocolDetector(Connection connection, Acceptor.Openings openings, Around around) {
    this.connection = connection;
    this.openings = openings;
    this.around = around;
    setSingleDecode(true);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int first = in.getUnsignedByte(in.readerIndex());
    if (around.isOutermost()) {
      connection.reached(Stage.SPEAKING);
    }
    if (!around.tls() && (first == FRP_MARKER || first == TLS_HANDSHAKE)) {
      var tls = openings.options().tls();
      if (tls.isEmpty()) {
        refuse(ctx, in, RefusalCode.TLS_NOT_SERVED, TlsMismatch.SERVER_WITHOUT_TLS);
        return;
      }
      in.skipBytes(first == FRP_MARKER ? 1 : 0);
      startTls(ctx, tls.get().get());
    } else if (mayBeWebSocket() && isGreeting(in)) {
      if (in.readableBytes() >= Agreement.GREETING.length()) {
        startWebSocket(ctx);
      }
    } else if (!around.isEnough(openings.options())) {
      refuseForeigner(ctx, in);
    } else if (first == 0) {
      carry(ctx, YamuxCarrier.server(ctx.channel(), openings.yamux(), streams()));
    } else if (FIRST_BYTES_OF_A_STREAM.indexOf(first) >= 0) {
      carry(ctx, TcpCarrier.server(ctx.channel(), streams()));
    } else {
      refuseForeigner(ctx, in);
    }
  }

  private boolean mayBeWebSocket() {
    return !around.webSocket() && openings.options().webSockets() != WebSockets.OFF;
  }

  /** Whether it is the begin of one, or may become it. */
  private boolean isGreeting(ByteBuf in) {
    int length = Math.min(in.readableBytes(), Agreement.GREETING.length());
    var start = in.toString(in.readerIndex(), length, StandardCharsets.ISO_8859_1);
    return Agreement.GREETING.startsWith(start) && !(isEnd && length < Agreement.GREETING.length());
  }

  private void startWebSocket(ChannelHandlerContext ctx) {
    var inside = new ProtocolDetector(connection, openings, around.insideWebSocket());
    ctx.pipeline().addAfter(ctx.name(), null, inside);
    ctx.pipeline()
        .replace(
            this, null, new ServerHandshake(why -> connection.refused(RefusalCode.WEBSOCKET, why)));
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
                connection.refused(mismatch.code(), mismatch.text());
              }
            });
    var inside = new ProtocolDetector(connection, openings, around.insideTls());
    ctx.pipeline().addAfter(ctx.name(), null, inside);
    ctx.pipeline().replace(this, null, handler);
  }

  private ChannelHandler streams() {
    return openings.streams().apply(connection);
  }

  /** What has arrived goes on to it. */
  private void carry(ChannelHandlerContext ctx, Carrier carrier) {
    connection.carry(carrier);
    ctx.pipeline().remove(this);
  }

  private void refuseForeigner(ChannelHandlerContext ctx, ByteBuf in) {
    Foreigner.of(in, isEnd, around.proxy())
        .ifPresent(who -> refuse(ctx, in, who.code(), who.text()));
  }

  private void refuse(ChannelHandlerContext ctx, ByteBuf in, RefusalCode code, String text) {
    connection.refused(code, text);
    in.skipBytes(in.readableBytes());
    ctx.close();
  }

  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws Exception {
    isEnd = true;
    super.decodeLast(ctx, in, out);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ErrorAlarm.look(ctx.channel(), cause);
    if (!around.tls() && cause instanceof DecoderException) {
      connection.refused(RefusalCode.TLS_FAILED, "no TLS context: " + cause.getMessage());
    }
    ctx.close();
  }
}
