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
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakesFirstTest {

  private static final long PATIENCE_SECONDS = 30;
  private static final InetSocketAddress ANYBODY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

  /** With a token of one byte, and identifiers of two and one; its length takes two bytes. */
  private static final String INITIAL = "c000000001" + "02abcd" + "01ef" + "0177" + "4003aaaaaa";

  private static final String HANDSHAKE = "e000000001" + "02abcd" + "00" + "02aaaa";
  private static final String SHORT = "40abcdaaaa";

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
            1 << 20,
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
  void whatStandsBehindAHandshakeInOneDatagramWaitsToo() {
    assertThat(endsOfDatagram(INITIAL + HANDSHAKE + SHORT)).isEqualTo("H..s.");
    assertThat(endsOfDatagram(HANDSHAKE + SHORT)).isEqualTo("H..s.");
    assertThat(endsOfDatagram(INITIAL + HANDSHAKE)).isEqualTo("H.");
    assertThat(endsOfDatagram(SHORT + HANDSHAKE)).isEqualTo("s.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "e000000002" + "0000" + "02aaaa" + SHORT, // another version
        "f000000001" + "0000" + "02aaaa" + SHORT, // asks to come again
        "e0",
        "e00000",
        "e000000001",
        "e000000001" + "05aa",
        "e000000001" + "00", // ends early
        "e000000001" + "0000",
        "e000000001" + "0000" + "40",
        "e000000001" + "0000" + "ffffff",
        "e000000001" + "0000" + "03aaaa",
        "e000000001" + "0000" + "ffffffffffffffff" + "aa",
        "c000000001" + "0000" + "05aa",
        "c000000001" + "0000" + "00",
      })
  void whatCantBeReadIsLeftAlone(String datagram) {
    assertThat(endsOfDatagram(datagram)).isEqualTo("H.");
  }

  private static String endsOfDatagram(String hex) {
    var seen = new StringBuilder();
    var socket = new EmbeddedChannel(new QuicListener.HandshakesFirst(), new Recorder(seen));
    var bytes = Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex));
    socket.pipeline().fireChannelRead(new DatagramPacket(bytes, ANYBODY, ANYBODY));
    socket.pipeline().fireChannelReadComplete();
    socket.runPendingTasks();
    assertThat(bytes.refCnt()).isZero();
    socket.finishAndReleaseAll();
    return seen.toString();
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
    return new DatagramPacket(Unpooled.buffer(1).writeByte(firstByte), ANYBODY, ANYBODY);
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
