// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import io.github.harp.tunnel.carrier.DatagramSockets;
import io.github.harp.tunnel.carrier.SocketKind;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.pki.ServerCredentials;
import io.github.harp.tunnel.stream.HeldBytes;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;

/** A server of QUIC whose streams an {@link Ear} hears, and clients that open one each. */
abstract class OverQuic {

  private static final long PATIENCE_SECONDS = 30;
  private static final int MOST_STREAMS = 10;

  /** More than gaps may have, and less than the kernel keeps for one who does not look. */
  private static final int PACKETS_AT_ONCE = 100;

  private final EventLoopGroup serverLoops = SocketKind.best().newLoops(1, "quic-server");
  private final EventLoopGroup clientLoops = SocketKind.best().newLoops(1, "quic-client");
  final BlockingQueue<Channel> connections = new LinkedBlockingQueue<>();
  final Ear ear = new Ear();
  QuicListener listener;

  /** Bears its end. */
  @Sharable
  static class Deaf extends ChannelInboundHandlerAdapter {

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  /** Takes what comes. */
  @Sharable
  static final class Ear extends Deaf {

    final AtomicLong heard = new AtomicLong();
    volatile Channel last;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      last = ctx.channel();
      heard.addAndGet(((ByteBuf) message).readableBytes());
      ((ByteBuf) message).release();
    }
  }

  void listen(long mostBehindGaps, HeldBytes held) throws Exception {
    var credentials =
        new ServerCredentials(
            CertificateAuthority.throwAwayServer(Clock.systemUTC()), Optional.empty());
    listener =
        QuicListener.listen(
                serverLoops.next(),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                MOST_STREAMS,
                mostBehindGaps,
                () -> credentials,
                (connection, client) -> {
                  QuicCarrier.server(connection, MOST_STREAMS, held, ear);
                  connections.add(connection);
                })
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** The stream of a new client. */
  QuicStreamChannel dial(InetSocketAddress server, Deaf handler) throws Exception {
    var codec =
        Terms.in(new QuicClientCodecBuilder())
            .initialCongestionWindowPackets(PACKETS_AT_ONCE)
            .sslContext((QuicSslContext) QuicContexts.client(null, List.of(), List.of()))
            .build();
    var socket =
        DatagramSockets.on(clientLoops.next())
            .handler(codec)
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    return QuicChannel.newBootstrap(socket)
        .handler(new Deaf())
        .streamHandler(new Deaf())
        .remoteAddress(server)
        .connect()
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .createStream(
            QuicStreamType.BIDIRECTIONAL,
            new ChannelInitializer<QuicStreamChannel>() {
              @Override
              protected void initChannel(QuicStreamChannel stream) {
                stream.pipeline().addLast(new QuicStreamEnd(), handler);
              }
            })
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  static long behindGaps(Channel connection) throws Exception {
    return connection
        .eventLoop()
        .submit(
            () -> {
              var unread = QuicCarrier.unreadOf(connection).orElseThrow();
              unread.look();
              return unread.behindGaps();
            })
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() {
    listener.close().syncUninterruptibly();
    clientLoops.shutdownGracefully(0, 5, TimeUnit.SECONDS);
    serverLoops.shutdownGracefully(0, 5, TimeUnit.SECONDS);
  }
}
