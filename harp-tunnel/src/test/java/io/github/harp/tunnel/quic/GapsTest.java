// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.carrier.DatagramSockets;
import io.github.harp.tunnel.carrier.SocketKind;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.pki.ServerCredentials;
import io.github.harp.tunnel.stream.HeldBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
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
import org.junit.jupiter.api.Test;

/** What QUIC's library keeps behind bytes that do not come. */
class GapsTest {

  private static final long PATIENCE_SECONDS = 30;
  private static final long PLENTY = 64 << 20;
  private static final int SMALL = 40 << 10;

  private static final long MUCH = 4 << 20;

  /** More than is allowed, and less than the kernel keeps for one who does not look. */
  private static final int PACKETS_AT_ONCE = 100;

  private final EventLoopGroup serverLoops = SocketKind.best().newLoops(1, "quic-server");
  private final EventLoopGroup clientLoops = SocketKind.best().newLoops(1, "quic-client");
  private final BlockingQueue<Channel> connections = new LinkedBlockingQueue<>();
  private final Ear ear = new Ear();
  private QuicListener listener;

  private void listen(long most) throws Exception {
    var credentials =
        new ServerCredentials(
            CertificateAuthority.throwAwayServer(Clock.systemUTC()), Optional.empty());
    listener =
        QuicListener.listen(
                serverLoops.next(),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                10,
                most,
                () -> credentials,
                (connection, client) -> {
                  connections.add(connection);
                  QuicCarrier.server(connection, 10, HeldBytes.limitedTo(1 << 20), ear);
                })
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() {
    listener.close().syncUninterruptibly();
    clientLoops.shutdownGracefully(0, 5, TimeUnit.SECONDS);
    serverLoops.shutdownGracefully(0, 5, TimeUnit.SECONDS);
  }

  /** Takes what comes. */
  @Sharable
  private static final class Ear extends Deaf {

    private final AtomicLong heard = new AtomicLong();
    private volatile Channel last;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      last = ctx.channel();
      heard.addAndGet(((ByteBuf) message).readableBytes());
      ((ByteBuf) message).release();
    }
  }

  /** Ends with its connection. */
  @Sharable
  private static class Deaf extends ChannelInboundHandlerAdapter {

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  /** Has something to say until it is done. */
  private static class Speaker extends Deaf {

    private volatile boolean isDone;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      speak(ctx);
    }

    private void speak(ChannelHandlerContext ctx) {
      ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[16_384]))
          .addListener(
              (ChannelFuture said) -> {
                if (said.isSuccess() && !isDone) {
                  ctx.executor().execute(() -> speak(ctx));
                }
              });
    }
  }

  /** Does not mind that nobody listens any more. */
  private static final class Stubborn extends Speaker {

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      ctx.pipeline().remove(QuicStreamEnd.class);
      ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }
  }

  private void speakTo(InetSocketAddress server) throws Exception {
    speakTo(server, new Speaker());
  }

  private void speakTo(InetSocketAddress server, Speaker speaker) throws Exception {
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
    QuicChannel.newBootstrap(socket)
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
                stream.pipeline().addLast(new QuicStreamEnd(), speaker);
              }
            })
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private long behindGaps(Channel connection) throws Exception {
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

  /** However much has come, and however often some of it was lost on its way. */
  @Test
  void nothingIsWhereNothingIsMissingAnyMore() throws Exception {
    listen(PLENTY);
    var speaker = new Speaker();
    speakTo(listener.address(), speaker);
    var connection = connections.take();
    await().until(() -> ear.heard.get() > 20 * MUCH);
    speaker.isDone = true;

    await().until(() -> behindGaps(connection) < SMALL / 4);

    assertThat(connection.isActive()).isTrue();
  }

  @Test
  void whatComesAfterTheEndIsTakenForAMoment() throws Exception {
    listen(PLENTY);
    speakTo(listener.address(), new Stubborn());
    await().until(() -> ear.heard.get() > MUCH);
    var connection = connections.take();

    ear.last.close();

    await().until(() -> !ear.last.isOpen());
    assertThat(connection.isActive()).isTrue();
  }

  @Test
  void whoHasLeftAByteOutForLongIsCutOff() throws Exception {
    listen(SMALL);
    try (var line = new LineWithGap(listener.address(), SMALL / 2 * 3)) {
      speakTo(line.address());
      var connection = connections.take();

      await().until(() -> line.behindGap() >= SMALL / 2 * 3);
      await().until(() -> behindGaps(connection) > SMALL / 2);
      await().until(() -> !connection.isActive());
    }
  }
}
