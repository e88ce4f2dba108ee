// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.websocket;

import io.github.harp.tunnel.TunnelException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Answers a client's request to speak WebSocket, and leaves its place to {@link WebSocketBytes}.
 */
public final class ServerHandshake extends ByteToMessageDecoder {

  private final Consumer<String> refused;

  /**
   * @param refused hears why the request can't be met; the connection closes then
   */
  public ServerHandshake(Consumer<String> refused) {
    this.refused = refused;
    setSingleDecode(true);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    try {
      var head = HttpHead.takeFrom(in);
      if (head.isPresent()) {
        answer(ctx, in, head.get());
      }
    } catch (TunnelException malformed) {
      refuse(ctx, in, String.valueOf(malformed.getMessage()));
    }
  }

  private void answer(ChannelHandlerContext ctx, ByteBuf in, HttpHead head) {
    var agreed = Agreement.answer(head::header);
    if (agreed.isEmpty() || !head.firstLine().equals(Agreement.REQUEST)) {
      refuse(ctx, in, "a request for " + Agreement.PATH + " that is none for WebSocket");
      return;
    }
    Agreement.send(ctx, Agreement.text("HTTP/1.1 101 Switching Protocols", agreed.get()));
    ctx.pipeline().replace(this, null, WebSocketBytes.ofServer(ctx.channel()));
  }

  private void refuse(ChannelHandlerContext ctx, ByteBuf in, String why) {
    in.skipBytes(in.readableBytes());
    refused.accept(why);
    var answer = Agreement.text("HTTP/1.1 400 Bad Request", Map.of("Connection", "close"));
    Agreement.send(ctx, answer).addListener(ChannelFutureListener.CLOSE);
  }
}
