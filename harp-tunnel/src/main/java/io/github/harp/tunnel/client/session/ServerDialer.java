// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.session;

import io.github.harp.tunnel.carrier.Carrier;
import io.github.harp.tunnel.carrier.TcpCarrier;
import io.github.harp.tunnel.carrier.YamuxCarrier;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelClientTls;
import io.github.harp.tunnel.yamux.YamuxSession;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to the tunnel server that are ready for frp's bytes: TCP, then TLS if there is
 * to be any.
 */
final class ServerDialer {

  /**
   * A server needs a pool and a replacement per user; one that asks for more than this is out of
   * order.
   */
  private static final int MOST_STREAMS = 2_000;

  private static final byte FRP_TLS_FIRST_BYTE = 0x17;

  private final TunnelClientOptions options;
  private final Connector connector;
  private final BlockingWork blocking;
  private final EventLoop loop;

  ServerDialer(
      TunnelClientOptions options, Connector connector, BlockingWork blocking, EventLoop loop) {
    this.options = options;
    this.connector = connector;
    this.blocking = blocking;
    this.loop = loop;
  }

  /** What is to carry streams on a connection that was dialled. */
  Carrier carrierOn(Channel connection) {
    if (!options.tcpMux()) {
      return TcpCarrier.client(connection, MOST_STREAMS, () -> dial(new FailureNote()));
    }
    var usual = new YamuxSession.Options();
    return YamuxCarrier.client(
        connection,
        new YamuxSession.Options(
            MOST_STREAMS, usual.budgetBytes(), options.muxKeepAlive(), usual.heldBytes()));
  }

  /**
   * @param note remembers what breaks the connection; what uses it goes behind the note
   */
  Future<Channel> dial(FailureNote note) {
    Promise<Channel> ready = loop.newPromise();
    var tls = options.tls();
    if (tls.isEmpty()) {
      connect(null, note, ready);
      return ready;
    }
    blocking
        .call(tls.get().context())
        .whenCompleteAsync(
            (context, failure) -> {
              if (failure == null) {
                connect(new Encryption(tls.get(), context), note, ready);
              } else {
                ready.tryFailure(failure);
              }
            },
            loop);
    return ready;
  }

  private record Encryption(TunnelClientTls tls, SslContext context) {}

  private void connect(@Nullable Encryption encryption, FailureNote note, Promise<Channel> ready) {
    var initializer =
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            if (encryption != null) {
              channel.pipeline().addLast(tlsHandler(channel, encryption));
            }
            channel.pipeline().addLast(note);
          }
        };
    connector
        .tcp(options.serverAddress(), options.serverPort(), initializer)
        .addListener(
            (Future<Channel> connected) -> {
              if (!connected.isSuccess()) {
                ready.tryFailure(connected.cause());
              } else if (encryption == null) {
                ready.trySuccess(connected.getNow());
              } else {
                awaitHandshake(connected.getNow(), ready);
              }
            });
  }

  private SslHandler tlsHandler(Channel channel, Encryption encryption) {
    var name = encryption.tls().serverName().orElse(options.serverAddress());
    var handler = encryption.context().newHandler(channel.alloc(), name, options.serverPort());
    handler.setHandshakeTimeoutMillis(options.connectTimeout().toMillis());
    if (encryption.tls().frpFirstByte()) {
      channel.pipeline().addFirst(new FirstByte());
    }
    return handler;
  }

  private static void awaitHandshake(Channel channel, Promise<Channel> ready) {
    channel
        .pipeline()
        .get(SslHandler.class)
        .handshakeFuture()
        .addListener(
            handshake -> {
              if (handshake.isSuccess()) {
                ready.trySuccess(channel);
              } else {
                channel.close();
                ready.tryFailure(handshake.cause());
              }
            });
  }

  /** Goes out before the handshake does, since it sits nearer to the wire. */
  private static final class FirstByte extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      ctx.write(Unpooled.buffer(1).writeByte(FRP_TLS_FIRST_BYTE));
      ctx.fireChannelActive();
    }
  }
}
