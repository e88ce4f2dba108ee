// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.github.harp.tunnel.carrier.Carrier;
import io.github.harp.tunnel.carrier.YamuxCarrier;
import io.github.harp.tunnel.stream.HeldBytes;
import io.github.harp.tunnel.yamux.YamuxSession;
import io.github.harp.tunnel.yamux.YamuxSession.Pings;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** One with a certificate that says to b what it wants, as a node would not. */
record OtherNode(Channel connection, Carrier carrier) {

  static OtherNode at(TwoNodes nodes) throws Exception {
    return at(nodes, 16);
  }

  static OtherNode at(TwoNodes nodes, int streams) throws Exception {
    return at(nodes, streams, "127.0.0.1");
  }

  /** From this address. */
  static OtherNode at(TwoNodes nodes, int streams, String address) throws Exception {
    var connection =
        new Bootstrap()
            .group(nodes.loops)
            .channel(TwoNodes.TRANSPORT.tcpChannel())
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            TwoNodes.certificates(TwoNodes.SECRET, "other")
                                .dialling("b", channel.alloc()));
                  }
                })
            .connect(nodes.atB, new InetSocketAddress(address, 0))
            .sync()
            .channel();
    TwoNodes.get(connection.pipeline().get(SslHandler.class).handshakeFuture());
    var session =
        new YamuxSession.Options(streams, streams << 19, new Pings(), HeldBytes.limitedTo(1 << 20));
    return TwoNodes.get(
        connection
            .eventLoop()
            .submit(() -> new OtherNode(connection, YamuxCarrier.client(connection, session))));
  }

  Channel stream() throws Exception {
    Promise<Channel> opened = connection.eventLoop().newPromise();
    connection
        .eventLoop()
        .execute(
            () ->
                carrier
                    .openStream(new ChannelInboundHandlerAdapter())
                    .addListener((Future<Channel> it) -> TwoNodes.pass(it, opened)));
    return TwoNodes.get(opened);
  }

  static void say(Channel stream, String text) {
    stream.writeAndFlush(Unpooled.copiedBuffer(text, US_ASCII));
  }

  static boolean isResetSoon(Channel stream) throws Exception {
    return stream.closeFuture().await(20, TimeUnit.SECONDS);
  }
}
