// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.frp.OpeningMessage.NewWorkConn;
import io.github.harp.tunnel.frp.ServerMessage.ReqWorkConn;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;

/** A well-behaved client whose service echoes; it shows whether the server still serves. */
final class HonestClient {

  private final TunnelServer server;
  private final EventLoopGroup loops;
  private final int port;

  private HonestClient(TunnelServer server, EventLoopGroup loops, int port) {
    this.server = server;
    this.loops = loops;
    this.port = port;
  }

  static HonestClient connect(
      TunnelServer server, InetSocketAddress address, EventLoopGroup loops, String key, int port)
      throws Exception {
    FrpPeer peer = FrpPeer.connect(address, loops);
    peer.onRequest(ReqWorkConn.class, () -> echo(peer));
    peer.loggedIn(key).withTcp("honest-" + port, port);
    await().until(() -> OpenPorts.has(server, port));
    return new HonestClient(server, loops, port);
  }

  private static void echo(FrpPeer peer) {
    peer.openStreamInBackground(
        NewWorkConn.of(peer.runId()),
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ctx.writeAndFlush(msg);
          }
        });
  }

  /** One exchange with its service. */
  void assertServed() throws Exception {
    TunnelUser user = TunnelUser.dial(server, port, loops.next()).says("still there?");
    await().until(() -> user.head().equals("still there?"));
    user.channel().close();
  }
}
