// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.server.accept.Connection.Stage;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import javax.net.ssl.SSLException;

/** How far a connection over QUIC has come, and why it comes no further. */
final class QuicArrival extends ChannelInboundHandlerAdapter {

  private final Connection connection;

  QuicArrival(Connection connection) {
    this.connection = connection;
    connection.reached(Stage.SPEAKING);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    connection.reached(Stage.SECURE);
    ctx.fireChannelActive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent done && !done.isSuccess()) {
      refused(done.cause());
    }
    ctx.fireUserEventTriggered(event);
  }

  private void refused(Throwable cause) {
    var mismatch = TlsMismatch.of(cause);
    connection.refused(mismatch.code(), mismatch.text());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ErrorAlarm.look(ctx.channel(), cause);
    if (cause instanceof SSLException) {
      refused(cause);
    }
    ctx.close();
  }
}
