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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is counted for readers that stand still, of which QUIC's library says nothing. */
class UnreadBytesTest {

  private static final long PATIENCE_SECONDS = 30;
  private static final long PLENTY = 64 << 20;
  private static final int MANY = 20_000;
  private static final int LITTLE = 10 << 10;

  private final EventLoopGroup serverLoops = SocketKind.best().newLoops(1, "quic-server");
  private final EventLoopGroup clientLoops = SocketKind.best().newLoops(1, "quic-client");
  private final BlockingQueue<Channel> connections = new LinkedBlockingQueue<>();
  private final HeldBytes held = HeldBytes.limitedTo(PLENTY);
  private final Ear ear = new Ear();
  private final Ear answers = new Ear();
  private QuicListener listener;
  private QuicStreamChannel client;
  private Channel connection;

  @BeforeEach
  void connect() throws Exception {
    var credentials =
        new ServerCredentials(
            CertificateAuthority.throwAwayServer(Clock.systemUTC()), Optional.empty());
    listener =
        QuicListener.listen(
                serverLoops.next(),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                10,
                PLENTY,
                () -> credentials,
                (connection, client) -> {
                  QuicCarrier.server(connection, 10, held, ear);
                  connections.add(connection);
                })
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    var codec =
        Terms.in(new QuicClientCodecBuilder())
            .sslContext((QuicSslContext) QuicContexts.client(null, List.of(), List.of()))
            .build();
    var socket =
        DatagramSockets.on(clientLoops.next())
            .handler(codec)
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    client =
        QuicChannel.newBootstrap(socket)
            .handler(new ChannelInboundHandlerAdapter())
            .streamHandler(new ChannelInboundHandlerAdapter())
            .remoteAddress(listener.address())
            .connect()
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
            .createStream(
                QuicStreamType.BIDIRECTIONAL,
                new ChannelInitializer<QuicStreamChannel>() {
                  @Override
                  protected void initChannel(QuicStreamChannel stream) {
                    stream.pipeline().addLast(new QuicStreamEnd(), answers);
                  }
                })
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    connection = connections.take();
  }

  @AfterEach
  void stop() {
    listener.close().syncUninterruptibly();
    clientLoops.shutdownGracefully(0, 5, TimeUnit.SECONDS);
    serverLoops.shutdownGracefully(0, 5, TimeUnit.SECONDS);
  }

  /** Takes what comes, as long as it is asked to. */
  @Sharable
  private static final class Ear extends ChannelInboundHandlerAdapter {

    private final AtomicLong heard = new AtomicLong();
    private volatile Channel last;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      last = ctx.channel();
      heard.addAndGet(((ByteBuf) message).readableBytes());
      ((ByteBuf) message).release();
    }

    private void hears(boolean everything) {
      last.config().setAutoRead(everything);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  /** Says so much so often, one after another. */
  private static void say(Channel to, int bytes, int times) {
    to.eventLoop().execute(() -> sayOnce(to, bytes, times));
  }

  private static void sayOnce(Channel to, int bytes, int times) {
    to.writeAndFlush(Unpooled.wrappedBuffer(new byte[bytes]))
        .addListener(
            (ChannelFuture said) -> {
              if (said.isSuccess() && times > 1) {
                to.eventLoop().execute(() -> sayOnce(to, bytes, times - 1));
              }
            });
  }

  private void sayUntilHeard(int bytes, int times) {
    var heard = ear.heard.get();
    say(client, bytes, times);
    await().until(() -> ear.heard.get() >= heard + (long) bytes * times);
  }

  private void stopListening() {
    sayUntilHeard(1, 1);
    ear.hears(false);
    say(client, 1, 1);
    await().until(() -> ear.heard.get() >= 1);
  }

  private long behindGaps() throws Exception {
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

  @Test
  void whatNobodyTakesCountsForAsMuchAsManyPiecesNeed() {
    stopListening();
    say(client, 16 << 10, 10);

    await().until(() -> held.current() > 8 * 150 << 10);
    assertThat(held.current()).isLessThan(8 * 200 << 10);
  }

  @Test
  void aDatagramThatNobodyTakesCountsHoweverLittleIsInIt() {
    stopListening();
    for (int millis = 0; millis < 1_000; millis++) {
      client.eventLoop().schedule(() -> say(client, 1, 1), millis, TimeUnit.MILLISECONDS);
    }

    await().until(() -> held.current() > 400 * 150);
  }

  @Test
  void whoReadsOnOwesNothing() throws Exception {
    stopListening();
    say(client, 16 << 10, 10);
    await().until(() -> held.current() > 8 * 150 << 10);

    ear.hears(true);
    await().until(() -> ear.heard.get() >= 160 << 10);

    await().until(() -> held.current() == 0);
    assertThat(behindGaps()).isLessThan(LITTLE);
  }

  @Test
  void smallMessagesThatAreTakenAreNoneThatAreKept() throws Exception {
    sayUntilHeard(1, MANY);

    assertThat(behindGaps()).isLessThan(LITTLE);
  }

  @Test
  void answersToWhatIsSentAreNoneThatAreKept() throws Exception {
    sayUntilHeard(1, 1);
    say(ear.last, 100, MANY);
    await().until(() -> answers.heard.get() >= 100 * MANY);
    say(ear.last, 16 << 10, 1_000);
    await().until(() -> answers.heard.get() >= 100 * MANY + (16 << 10) * 1_000);

    assertThat(behindGaps()).isLessThan(LITTLE);
  }
}
