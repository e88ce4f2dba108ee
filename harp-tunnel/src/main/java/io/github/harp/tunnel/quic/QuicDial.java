// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.carrier.DatagramSockets;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.time.Duration;
import java.util.function.Consumer;

/** One attempt to dial a server over QUIC. */
public final class QuicDial {

  private final InetSocketAddress server;
  private final Duration patience;
  private final Promise<Channel> dialled;

  private QuicDial(InetSocketAddress server, Duration patience, Promise<Channel> dialled) {
    this.server = server;
    this.patience = patience;
    this.dialled = dialled;
  }

  /**
   * Gives the connection, which has its socket for itself.
   *
   * @param tls of {@link QuicContexts}
   * @param serverName which the server's certificate has to have, where it is verified
   * @param handler at the end of the connection's pipeline
   */
  public static Future<Channel> start(
      EventLoop loop,
      InetSocketAddress server,
      Duration patience,
      SslContext tls,
      String serverName,
      Consumer<Throwable> onFatalError,
      ChannelHandler handler) {
    var dial = new QuicDial(server, patience, loop.newPromise());
    DatagramSockets.on(loop)
        .attr(ErrorAlarm.LISTENER, onFatalError)
        .connect(server)
        .addListener(
            (ChannelFuture bound) -> {
              if (bound.isSuccess()) {
                dial.over(bound.channel(), (QuicSslContext) tls, serverName, handler);
              } else {
                dial.dialled.tryFailure(bound.cause());
              }
            });
    return dial.dialled;
  }

  private void over(Channel socket, QuicSslContext tls, String serverName, ChannelHandler handler) {
    var codec =
        Terms.in(new QuicClientCodecBuilder())
            .sslEngineProvider(
                connection -> tls.newEngine(connection.alloc(), serverName, server.getPort()))
            .build();
    socket.pipeline().addLast(new Unreachable(), codec);
    QuicChannel.newBootstrap(socket)
        .handler(
            new ChannelInitializer<QuicChannel>() {
              @Override
              protected void initChannel(QuicChannel connection) {
                connection
                    .pipeline()
                    .addLast(new SignsOfLife(() -> {}), new QuicContexts.PeerAlerts(), handler);
                connection.closeFuture().addListener(closed -> socket.close());
              }
            })
        .streamHandler(QuicCarrier.streamsOfPeers())
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) patience.toMillis())
        .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, Terms.segmented(socket))
        .remoteAddress(server)
        .connect()
        .addListener(
            (Future<QuicChannel> connected) -> {
              if (!connected.isSuccess()) {
                fail(connected.cause(), serverName);
                socket.close();
              } else if (!dialled.trySuccess(connected.getNow())) {
                connected.getNow().close();
              }
            });
  }

  private void fail(Throwable cause, String serverName) {
    dialled.tryFailure(
        cause instanceof ConnectTimeoutException
            ? new TunnelException(
                Code.TIMEOUT,
                "no answer over QUIC (UDP port %d) within %d ms; expected a server that listens there"
                        .formatted(server.getPort(), patience.toMillis())
                    + " (HaRP: HP_FRP_QUIC_ADDRESS, frps: quicBindPort), and no firewall on the way"
                    + " that drops UDP",
                cause)
            : isOfCertificate(cause)
                ? new TunnelException(
                    Code.REFUSED,
                    "the server's certificate is not of the trusted authority, or not for "
                        + serverName,
                    cause)
                : cause);
  }

  private static boolean isOfCertificate(Throwable cause) {
    return String.valueOf(cause.getMessage()).contains("CERTIFICATE_VERIFY_FAILED");
  }

  /** A host that has nobody at the port says so, unless a firewall keeps it from that. */
  private final class Unreachable extends ChannelInboundHandlerAdapter {

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ErrorAlarm.look(ctx.channel(), cause);
      if (cause instanceof PortUnreachableException) {
        dialled.tryFailure(
            new TunnelException(
                Code.CLOSED,
                "nobody listens at UDP port %d there; expected a server over QUIC (HaRP:"
                        .formatted(server.getPort())
                    + " HP_FRP_QUIC_ADDRESS, frps: quicBindPort)",
                cause));
        ctx.close();
      }
    }
  }
}
