// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.carrier.DatagramSockets;
import io.github.harp.tunnel.carrier.SocketKind;
import io.github.harp.tunnel.frp.PrivilegeKey;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.pki.Openssl;
import io.github.harp.tunnel.pki.PemFiles;
import io.github.harp.tunnel.pki.ServerCredentials;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What may come over QUIC that is no frp client, or a bad one. */
@ExtendWith(StackTraces.class)
class HostileOverQuicTest {

  private static final long SECONDS = 30;
  private static final int MOST_NEW = 8;
  private static final int MOST_IDLE = 1_024;
  private static final int MOST_IDLE_OF_ONE = 256;

  private final List<RefusalCode> codes = new CopyOnWriteArrayList<>();
  private final List<String> reasons = new CopyOnWriteArrayList<>();
  private EventLoopGroup loops;
  private TunnelServer server;
  private InetSocketAddress address;

  @BeforeEach
  void start() throws Exception {
    loops = SocketKind.best().newLoops(1, "hostile");
    listen(Duration.ofSeconds(1));
  }

  private void listen(Duration patience) throws Exception {
    listen(patience, new TunnelLimits().heldBytes());
  }

  private void listen(Duration patience, long heldBytes) throws Exception {
    listen(patience, heldBytes, Optional.empty());
  }

  private void listen(Duration patience, long heldBytes, Optional<X509ExtendedTrustManager> clients)
      throws Exception {
    var usual = new TunnelLimits();
    var times = usual.times();
    var self = CertificateAuthority.throwAwayServer(Clock.systemUTC());
    var credentials = new ServerCredentials(self, clients);
    server =
        new TunnelServer(
            TunnelServerOptions.builder()
                .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .plain(true)
                .quic(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> credentials)
                .limits(
                    new TunnelLimits(
                        new TunnelLimits.Times(
                            patience, times.decision(), times.workConnection(), times.heartbeat()),
                        new TunnelLimits.Newcomers(MOST_NEW, MOST_NEW, 1),
                        usual.perClient(),
                        usual.clients(),
                        heldBytes))
                .listener(
                    new TunnelListener() {
                      @Override
                      public void refused(InetSocketAddress from, RefusalCode code, String reason) {
                        codes.add(code);
                        reasons.add(reason);
                      }
                    })
                .authenticator(TunnelAuthenticator.sharedKey("key"))
                .build());
    server.start().get(SECONDS, TimeUnit.SECONDS);
    address = server.quicAddress().orElseThrow();
  }

  @AfterEach
  void stop() {
    server.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private QuicChannel dial(String protocol) throws Exception {
    return dial(protocol, trustingAll());
  }

  private static QuicSslContextBuilder trustingAll() {
    return QuicSslContextBuilder.forClient()
        .trustManager(InsecureTrustManagerFactory.INSTANCE)
        .endpointIdentificationAlgorithm(null);
  }

  /** With a certificate that is larger by so many bytes than it would have to be. */
  private QuicChannel dialWith(int moreBytes, Path folder) throws Exception {
    Openssl.in(folder)
        .run(
            "req -x509 -nodes -subj /CN=a -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout key"
                + " -out crt -addext nsComment=ASN1:UTF8String:"
                + "a".repeat(moreBytes));
    return dial(
        "frp",
        trustingAll()
            .keyManager(
                PemFiles.key(folder.resolve("key")),
                null,
                PemFiles.certificates(folder.resolve("crt"))));
  }

  private QuicChannel dial(String protocol, QuicSslContextBuilder client) throws Exception {
    var tls = client.applicationProtocols(protocol).build();
    Channel socket = DatagramSockets.on(loops.next()).connect(address).sync().channel();
    socket
        .pipeline()
        .addLast(
            new QuicClientCodecBuilder()
                .sslContext(tls)
                .maxIdleTimeout(SECONDS, TimeUnit.SECONDS)
                .initialMaxData(1 << 20)
                .initialMaxStreamDataBidirectionalLocal(1 << 20)
                .build());
    return QuicChannel.newBootstrap(socket)
        .handler(new ChannelInboundHandlerAdapter())
        .remoteAddress(address)
        .connect()
        .get(SECONDS, TimeUnit.SECONDS);
  }

  private static QuicStreamChannel says(QuicChannel connection, String text) throws Exception {
    var stream =
        connection
            .createStream(QuicStreamType.BIDIRECTIONAL, new Ends())
            .get(SECONDS, TimeUnit.SECONDS);
    stream.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    return stream;
  }

  /** Bears that it is reset. */
  private static final class Ends extends ChannelInboundHandlerAdapter {

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  private static void assertEnds(Channel channel) throws Exception {
    assertThat(channel.closeFuture().await(SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aConnectionWithoutALoginEndsInTime() throws Exception {
    var silent = dial("frp");
    await().until(() -> server.status().newConnections() == 1);

    assertEnds(silent);

    await().until(() -> server.status().newConnections() == 0);
  }

  @Test
  void aLoginThatIsSlowEndsInTime() throws Exception {
    var slow = dial("frp");
    says(slow, "o\0\0\0");

    assertEnds(slow);
  }

  @Test
  void moreStreamsThanALoginNeedsEndTheConnection() throws Exception {
    server.close();
    listen(Duration.ofMinutes(10));
    var flood = dial("frp");
    await().until(() -> server.status().newConnections() == 1);
    for (int i = 0; i < 5; i++) {
      says(flood, "o");
    }

    await().until(() -> server.status().newConnections() == 0);
    assertEnds(flood);
  }

  private QuicChannel loggedIn(int session) throws Exception {
    var client = dial("frp");
    var login =
        "{\"timestamp\":1,\"privilege_key\":\"%s\",\"metas\":{\"token\":\"key\"}}"
            .formatted(PrivilegeKey.of("", 1));
    says(client, "o\0\0\0\0\0\0\0" + (char) login.length() + login);
    await().until(() -> server.status().sessions().size() == session);
    return client;
  }

  @Test
  void streamsThatSayNothingAreNotKeptWhenThereAreVeryMany() throws Exception {
    server.close();
    listen(Duration.ofMinutes(10), 4L * 1_024 * MOST_IDLE);

    var silent = new ArrayList<Channel>();
    for (int session = 1; session <= 6; session++) {
      var client = loggedIn(session);
      for (int i = 0; i < 200; i++) {
        silent.add(says(client, "w"));
      }
    }

    assertEnds(silent.get(0));
    assertThat(silent.get(silent.size() - 1).isActive()).isTrue();
    assertThat(server.status().sessions()).hasSize(6);
  }

  @Test
  void oneThatSaysNothingOnHundredsOfStreamsEnds() throws Exception {
    server.close();
    listen(Duration.ofMinutes(10));
    var client = loggedIn(1);
    var another = loggedIn(2);

    for (int i = 0; i <= MOST_IDLE_OF_ONE; i++) {
      says(client, "w");
    }

    assertEnds(client);
    await().until(() -> server.status().sessions().size() == 1);
    assertThat(another.isActive()).isTrue();
  }

  @Test
  void oneWhoseVisitorsComeBeforeTheirOwnerSaysSomething() throws Exception {
    server.close();
    listen(Duration.ofMinutes(10));
    var client = loggedIn(1);
    var visit = "{\"proxy_name\":\"later\"}";

    for (int i = 0; i < 2 * MOST_IDLE_OF_ONE; i++) {
      says(client, "v\0\0\0\0\0\0\0" + (char) visit.length() + visit);
    }

    await().until(() -> codes.size() == 2 * MOST_IDLE_OF_ONE);
    assertThat(client.isActive()).isTrue();
    assertThat(server.status().sessions()).hasSize(1);
  }

  @Test
  void aStreamThatIsNoFrpEnds() throws Exception {
    var web = dial("frp");
    var stream = says(web, "GET / HTTP/1.1\r\n\r\n");

    assertEnds(stream);
  }

  @Test
  void whoSpeaksAnotherProtocolIsToldSo() {
    assertThat(catchThrowable(() -> dial("h3"))).isNotNull();

    await().until(() -> codes.contains(RefusalCode.NOT_FRP));
  }

  /** QUIC's library takes 64 KiB of anybody's certificates, and keeps them until the last byte. */
  @Test
  void whoShowsCertificatesWithoutEndIsToldSo(@TempDir Path folder) throws Exception {
    server.close();
    var anybody = InsecureTrustManagerFactory.INSTANCE.getTrustManagers()[0];
    listen(
        Duration.ofMinutes(10),
        new TunnelLimits().heldBytes(),
        Optional.of((X509ExtendedTrustManager) anybody));

    var honest = dialWith(8_000, folder);
    says(honest, "o");
    await().until(() -> server.status().newConnections() == 1);

    assertEnds(dialWith(50_000, folder));
    await().until(() -> !reasons.isEmpty());
    assertThat(codes).containsExactly(RefusalCode.TLS_FAILED);
    assertThat(reasons)
        .allMatch(
            reason -> reason.contains("larger than 16 KiB: its certificates have to be smaller"));
    assertThat(honest.isActive()).isTrue();
  }

  @Test
  void whoIsInDoesNotLoseItsSessionToWhatSomebodySendsInItsName() throws Exception {
    server.close();
    listen(Duration.ofMinutes(10));
    var client = loggedIn(1);
    byte[] forged = ByteBuffer.allocate(1_200).put((byte) 0xe0).putInt(1).array();
    for (int i = 0; i < 40; i++) {
      client
          .parent()
          .pipeline()
          .firstContext()
          .writeAndFlush(
              new io.netty.channel.socket.DatagramPacket(Unpooled.wrappedBuffer(forged), address));
    }

    loggedIn(2);
    assertThat(client.isActive()).isTrue();
    assertThat(server.status().sessions()).hasSize(2);
    assertThat(reasons).isEmpty();
  }

  @Test
  void connectionsThatSayNothingMakeRoom() throws Exception {
    List<QuicChannel> all = new ArrayList<>();
    for (int i = 0; i < 3 * MOST_NEW; i++) {
      all.add(dial("frp"));
      assertThat(server.status().newConnections()).isLessThanOrEqualTo(2 * MOST_NEW);
    }

    await().until(() -> codes.contains(RefusalCode.TOO_MANY));
    for (var one : all) {
      assertEnds(one);
    }
  }

  /** A sender that does not get what is sent to it: a Retry is all there is, and it is smaller. */
  @Test
  void whoDoesNotShowThatTheAddressIsHisCostsNothing() throws Exception {
    try (var spoofed = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      spoofed.setSoTimeout((int) TimeUnit.SECONDS.toMillis(SECONDS));
      for (int i = 0; i < 3; i++) {
        byte[] initial = firstPacketOf(i);
        spoofed.send(new DatagramPacket(initial, initial.length, address));
        var answer = new DatagramPacket(new byte[2048], 2048);
        spoofed.receive(answer);
        assertThat(answer.getLength()).isLessThan(200);
        assertThat(answer.getData()[0] & 0xf0).as("a Retry").isEqualTo(0xf0);
        assertThat(server.status().newConnections()).isZero();
        // A token that nobody has made here opens nothing.
        byte[] forged = withToken(initial, new byte[60]);
        spoofed.send(new DatagramPacket(forged, forged.length, address));
      }
      assertThat(server.status().newConnections()).isZero();
    }
  }

  /** The head of an Initial packet of QUIC version 1, and as many bytes as it has to have. */
  private static byte[] firstPacketOf(int number) {
    return initial(number, new byte[0]);
  }

  private static byte[] withToken(byte[] like, byte[] token) {
    return initial(like[6], token);
  }

  private static byte[] initial(int number, byte[] token) {
    ByteBuf packet = Unpooled.buffer(1_200);
    packet.writeByte(0xc0).writeInt(1);
    packet.writeByte(8).writeByte(number).writeZero(7);
    packet.writeByte(8).writeZero(8);
    packet.writeByte(token.length).writeBytes(token);
    packet.writeShort(0x4000 | 1_200 - packet.writerIndex() - 2);
    packet.writeZero(1_200 - packet.writerIndex());
    return packet.array();
  }
}
