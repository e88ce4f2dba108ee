// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.carrier.SocketKind;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.stream.HeldBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HandshakesFirstTest {

  private static final long PATIENCE_SECONDS = 30;

  private final EventLoopGroup serverLoops = SocketKind.best().newLoops(1, "quic-server");
  private final EventLoopGroup clientLoops = SocketKind.best().newLoops(1, "quic-client");
  private final CompletableFuture<String> heard = new CompletableFuture<>();

  @AfterEach
  void end() {
    clientLoops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    serverLoops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }

  @Test
  void whatComesRightBehindAClientsCertificateNeedsNotBeSaidAgain(@TempDir Path folder)
      throws Exception {
    var authority = CertificateAuthority.open(folder, Duration.ofDays(1), Clock.systemUTC());
    var serverLoop = serverLoops.next();
    var listener = listen(serverLoop, authority);
    try (var line = new OnceTogether(listener.address(), serverLoop)) {
      var connection = dial(line.address(), clientOf(folder));
      var stream =
          QuicCarrier.client(connection, 1, HeldBytes.limitedTo(1 << 20))
              .openStream(new ChannelInboundHandlerAdapter())
              .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      stream.writeAndFlush(Unpooled.copiedBuffer("login", StandardCharsets.US_ASCII));

      assertThat(heard.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("login");
    } finally {
      listener.close().await();
    }
  }

  private QuicListener listen(EventLoop loop, CertificateAuthority authority) throws Exception {
    return QuicListener.listen(
            loop,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            1,
            authority::serverCredentials,
            (connection, client) ->
                QuicCarrier.server(connection, 1, HeldBytes.limitedTo(1 << 20), new Ear()))
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private static SslContext clientOf(Path folder) {
    var certificates = folder.resolve("frp");
    return QuicSslContextBuilder.forClient()
        .applicationProtocols(Terms.PROTOCOL)
        .trustManager(certificates.resolve("ca.crt").toFile())
        .keyManager(
            certificates.resolve("client.key").toFile(),
            null,
            certificates.resolve("client.crt").toFile())
        .build();
  }

  private Channel dial(InetSocketAddress server, SslContext tls) throws Exception {
    return QuicDial.start(
            clientLoops.next(),
            server,
            Duration.ofSeconds(PATIENCE_SECONDS),
            tls,
            CertificateAuthority.SERVER_NAME,
            error -> {},
            new ChannelInboundHandlerAdapter())
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private final class Ear extends ChannelInboundHandlerAdapter {

    @Override
    public boolean isSharable() {
      return true;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      heard.complete(((ByteBuf) message).toString(StandardCharsets.US_ASCII));
      ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      heard.completeExceptionally(cause);
    }
  }

  @Test
  void onlyWhatComesBehindAHandshakeWaits() {
    assertThat(endsOf("HHHH")).isEqualTo("HHHH.");
    assertThat(endsOf("ssss")).isEqualTo("ssss.");
    assertThat(endsOf("HHsss")).isEqualTo("HH..sss.");
    assertThat(endsOf("sHsHss")).isEqualTo("sH..sH.ss.");
    assertThat(endsOf("H", "ss")).isEqualTo("H.ss.");
  }

  @Test
  void fewWait() {
    var seen = new StringBuilder();
    var socket = new EmbeddedChannel(new QuicListener.HandshakesFirst(), new Recorder(seen));
    var packets = new ArrayList<DatagramPacket>();
    packets.add(datagram(0xe0));
    for (int i = 0; i <= QuicListener.HandshakesFirst.MOST; i++) {
      packets.add(datagram(0x40));
    }
    packets.forEach(socket.pipeline()::fireChannelRead);
    socket.runPendingTasks();

    assertThat(seen).hasToString("H." + "s".repeat(QuicListener.HandshakesFirst.MOST) + ".");
    assertThat(packets).noneMatch(packet -> packet.refCnt() > 0);
  }

  /** What passes, and where reads end, when these are read: H is a handshake's, s is short. */
  private static String endsOf(String... reads) {
    var seen = new StringBuilder();
    var socket = new EmbeddedChannel(new QuicListener.HandshakesFirst(), new Recorder(seen));
    for (var read : reads) {
      for (var header : read.toCharArray()) {
        socket.pipeline().fireChannelRead(datagram(header == 'H' ? 0xe0 : 0x40));
      }
      socket.pipeline().fireChannelReadComplete();
      socket.runPendingTasks();
    }
    socket.finishAndReleaseAll();
    return seen.toString();
  }

  private static DatagramPacket datagram(int firstByte) {
    var anybody = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    return new DatagramPacket(Unpooled.buffer(1).writeByte(firstByte), anybody, anybody);
  }

  private static final class Recorder extends ChannelInboundHandlerAdapter {

    private final StringBuilder seen;

    private Recorder(StringBuilder seen) {
      this.seen = seen;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      seen.append(((DatagramPacket) message).content().getByte(0) < 0 ? 'H' : 's');
      ReferenceCountUtil.release(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      seen.append('.');
    }
  }
}
