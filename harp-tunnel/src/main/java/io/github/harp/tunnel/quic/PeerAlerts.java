// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import java.util.Map;
import javax.net.ssl.SSLHandshakeException;

/** Makes a failure of it when the peer ends a connection for what it thinks of our TLS. */
@Sharable
final class PeerAlerts extends ChannelInboundHandlerAdapter {

  /** Those of RFC 8446 that say what to change. */
  private static final Map<Integer, String> NAMES =
      Map.of(
          42, "bad certificate",
          43, "unsupported certificate",
          44, "certificate revoked",
          45, "certificate expired",
          46, "certificate unknown",
          48, "unknown ca",
          112, "unrecognized name",
          116, "certificate required",
          120, "no application protocol");

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof QuicConnectionCloseEvent end && end.isTlsError()) {
      var alert = QuicConnectionCloseEvent.extractTlsError(end.error());
      ctx.fireExceptionCaught(
          new SSLHandshakeException(
              "Received fatal alert: " + NAMES.getOrDefault(alert, String.valueOf(alert))));
    }
    ctx.fireUserEventTriggered(event);
  }
}
