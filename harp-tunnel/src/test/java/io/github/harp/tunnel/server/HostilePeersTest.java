// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.frp.ClientMessage.Ping;
import io.github.harp.tunnel.frp.Message.StartWorkConn;
import io.github.harp.tunnel.frp.OpeningMessage.Login;
import io.github.harp.tunnel.frp.OpeningMessage.NewWorkConn;
import io.github.harp.tunnel.frp.ServerMessage.ReqWorkConn;
import io.github.harp.tunnel.server.TunnelLimits.Newcomers;
import io.github.harp.tunnel.server.TunnelLimits.Times;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * Everything that section 13 of the protocol document lists against a server. After each attack the
 * attacker is gone or bounded, nothing of it is left, and an honest client is served as before.
 */
class HostilePeersTest {

  private static final String KEY = "the shared key";
  private static final int WRONG_KEYS_BEFORE_BAN = 3;
  private static final int MOST_NEW_CONNECTIONS = 40;
  private static final String WEB_SOCKET =
      """
      GET /~!frp HTTP/1.1\r
      Host: here\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Version: 13\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
      \r
      """;

  private static final int MOST_IF_BANNED = 4;

  /** On attacks that wait until the server's patience with the silent ends. */
  private static final String SILENT = "silent";

  /** On attacks that wait until users no longer wait for a client. */
  private static final String UNREAD = "unread";

  /** The honest client has to keep within it, too, on a machine that does a lot besides. */
  private static final Duration SHORT_PATIENCE = Duration.ofSeconds(2);

  /** What a connection too many of its address has to go on in. */
  private static final Duration A_MOMENT = Duration.ofMillis(250);

  private static final Duration LONG_PATIENCE = Duration.ofMinutes(2);

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final AtomicInteger failures = new AtomicInteger();
  private final List<Socket> sockets = new ArrayList<>();
  private TunnelServer server;
  private InetSocketAddress address;
  private HonestClient honest;
  private int threadsBefore;

  @BeforeEach
  void start(TestInfo attack) throws Exception {
    var tls =
        io.github.harp.tunnel.pki.CertificateAuthority.throwAwayServerContext(Clock.systemUTC());
    server =
        new TunnelServer(
            TunnelServerOptions.builder()
                .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .plain(true)
                .tls(() -> tls)
                .eventLoops(loops, loops, NioServerSocketChannel.class)
                .bans(bansAfterFewFailures())
                .limits(
                    Limits.of(
                        new Times(
                            attack.getTags().contains(SILENT) ? SHORT_PATIENCE : LONG_PATIENCE,
                            LONG_PATIENCE,
                            attack.getTags().contains(UNREAD) ? SHORT_PATIENCE : LONG_PATIENCE,
                            LONG_PATIENCE),
                        new Newcomers(1024, MOST_NEW_CONNECTIONS, MOST_IF_BANNED)))
                .authenticator(TunnelAuthenticator.sharedKey(KEY))
                .build());
    address = server.start().get(30, TimeUnit.SECONDS);
    await("an honest login, which like frpc tries again")
        .ignoreExceptions()
        .until(this::connectHonestClient);
    honest.assertServed();
    threadsBefore = Thread.activeCount();
  }

  private boolean connectHonestClient() throws Exception {
    honest = HonestClient.connect(server, address, loops, KEY, 23_900);
    return true;
  }

  @AfterEach
  void nothingIsLeftAndTheHonestClientIsServed() throws Exception {
    honest.assertServed();
    for (Socket socket : sockets) {
      socket.close();
    }
    await()
        .untilAsserted(
            () -> {
              assertThat(server.status().newConnections()).isZero();
              assertThat(server.status().heldBytes()).isZero();
              assertThat(Thread.activeCount()).isLessThanOrEqualTo(threadsBefore + 2);
            });
    server.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private LoginBans bansAfterFewFailures() {
    return new LoginBans() {
      @Override
      public boolean isBanned(InetAddress who) {
        return failures.get() >= WRONG_KEYS_BEFORE_BAN;
      }

      @Override
      public void recordFailure(InetAddress who, String reason) {
        failures.incrementAndGet();
      }
    };
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(60_000);
    sockets.add(socket);
    return socket;
  }

  private Socket send(int... bytes) throws IOException {
    Socket socket = connect();
    // At once: the first ones may be enough for an end.
    var all = ByteBuffer.allocate(bytes.length);
    for (int one : bytes) {
      all.put((byte) one);
    }
    socket.getOutputStream().write(all.array());
    return socket;
  }

  private static void assertClosed(Socket socket) {
    try {
      InputStream in = socket.getInputStream();
      while (in.read() >= 0) {
        // whatever it still says
      }
    } catch (java.net.SocketTimeoutException e) {
      throw new AssertionError("the server did not close the connection", e);
    } catch (IOException reset) {
      // closed, too
    }
  }

  private FrpPeer peer() {
    return FrpPeer.connect(address, loops);
  }

  // ---- before login

  @Test
  @Tag(SILENT)
  void silence() throws Exception {
    assertClosed(connect());
  }

  @Test
  @Tag(SILENT)
  void aTlsHandshakeThatNeverEnds() throws Exception {
    List<Socket> all =
        List.of(send(0x16, 0x03, 0x01, 0x02, 0x00), send(0x17), send(0x17, 0x16, 0x03, 0x01));

    for (Socket socket : all) {
      assertClosed(socket);
    }
  }

  /** Silent before the request ends, after it, and within a frame that is to be very long. */
  @Test
  @Tag(SILENT)
  void aWebSocketThatNeverBegins() throws Exception {
    Socket asked = say(connect(), WEB_SOCKET);
    Socket framed = say(connect(), WEB_SOCKET);
    framed.getOutputStream().write(HexFormat.of().parseHex("82ff4000000000000000000000006f"));

    assertClosed(say(connect(), "GET /~!frp HTTP/1.1\r\nHost: here\r\n"));
    assertClosed(asked);
    assertClosed(framed);
  }

  @Test
  void whatIsNoRequestForWebSocket() throws Exception {
    assertClosed(say(connect(), "GET /~!frp HTTP/1.1\r\nHost: here\r\n\r\n"));
    assertClosed(say(connect(), WEB_SOCKET.replace("~!frp", "~!frpx")));
    assertClosed(say(connect(), WEB_SOCKET.replace("Version: 13", "Version: 8")));
    assertClosed(say(connect(), "GET /~!frp HTTP/1.1\r\nX: " + "y".repeat(10_000)));
  }

  @Test
  void pingsInAWebSocketWithoutEnd() throws Exception {
    Socket socket = say(connect(), WEB_SOCKET);
    byte[] ping = HexFormat.of().parseHex("898000000000");
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1_000_000; i++) {
                socket.getOutputStream().write(ping);
              }
            })
        .isInstanceOf(IOException.class);
  }

  private static Socket say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Test
  void garbageInsteadOfTls() throws Exception {
    assertClosed(send(0x16, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff));
  }

  @Test
  void aMessageOfExcessiveLength() throws Exception {
    for (long length : new long[] {10_241, Long.MAX_VALUE, -1}) {
      Socket socket = send('o');
      socket.getOutputStream().write(ByteBuffer.allocate(8).putLong(length).array());
      assertClosed(socket);
    }
  }

  @Test
  @Tag(SILENT)
  void aLoginThatComesByteByByte() throws Exception {
    Socket socket = connect();
    for (int one : new int[] {'o', 0, 0, 0, 0, 0, 0, 0, 100, '{'}) {
      socket.getOutputStream().write(one);
    }

    assertClosed(socket);
  }

  @Test
  @Tag(SILENT)
  void aSessionWithoutStreams() throws Exception {
    FrpPeer peer = peer();
    peer.connection().writeAndFlush(ping());

    await().until(() -> !peer.connection().isActive());
  }

  @Test
  @Tag(SILENT)
  void streamsBeforeLogin() throws Exception {
    FrpPeer peer = peer();
    List<Channel> opened = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      opened.add(peer.openStream().channel());
    }

    await().until(() -> opened.stream().filter(Channel::isActive).count() <= 4);
    await().until(() -> !peer.connection().isActive());
  }

  @Test
  @Tag(SILENT)
  void bytesBeforeLoginThatAreNoMessage() throws Exception {
    FrpPeer peer = peer();
    FrpPeer.Stream stream = peer.openStream();

    stream.sendRaw(new byte[200_000]);

    stream.expectEnd();
  }

  @Test
  @Tag(SILENT)
  void pingsWithoutEnd() throws Exception {
    FrpPeer peer = peer();

    for (int i = 0; i < 2_000; i++) {
      peer.connection().write(ping());
    }
    peer.connection().flush();

    await().until(() -> !peer.connection().isActive());
  }

  @Test
  @Tag(SILENT)
  void moreConnectionsThanOneAddressMayHave() throws Exception {
    List<Socket> open = new ArrayList<>();
    for (int i = 0; i < MOST_NEW_CONNECTIONS + 20; i++) {
      open.add(connect());
    }

    await()
        .untilAsserted(
            () -> assertThat(server.status().newConnections()).isBetween(1, MOST_NEW_CONNECTIONS));
    for (Socket socket : open) {
      assertClosed(socket);
    }
  }

  @Test
  void guessingTheKey() throws Exception {
    List<FrpPeer> guessers = new ArrayList<>();
    for (int i = 0; i < WRONG_KEYS_BEFORE_BAN + 1; i++) {
      FrpPeer guesser = peer();
      guessers.add(guesser);
      assertThat(guesser.login("guess " + i).error())
          .isEqualTo(
              i < WRONG_KEYS_BEFORE_BAN - 1
                  ? "the token in metadatas.token is not valid here"
                  : "banned");
    }

    assertThat(peer().login(KEY).error()).as("a ban refuses wrong keys only").isEmpty();
    for (FrpPeer guesser : guessers) {
      await().until(() -> !guesser.connection().isActive());
    }
  }

  @Test
  @Tag(SILENT)
  void bannedAddressesHoldFewConnections() throws Exception {
    failures.set(WRONG_KEYS_BEFORE_BAN);
    List<Socket> open = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      open.add(connect());
    }

    await()
        .untilAsserted(
            () -> assertThat(server.status().newConnections()).isBetween(1, MOST_IF_BANNED));
    for (Socket socket : open) {
      assertClosed(socket);
    }
  }

  @Test
  @DisplayName("S9: idle sockets of a banned address do not lock out the right key from there")
  void s9_idleSocketsDoNotLockOutTheRightKey() throws Exception {
    failures.set(WRONG_KEYS_BEFORE_BAN);
    for (int i = 0; i < 4 * MOST_IF_BANNED; i++) {
      connect();
    }
    await().until(() -> server.status().newConnections() == MOST_IF_BANNED);

    assertThat(peer().login(KEY).error()).isEmpty();
  }

  @Test
  @DisplayName(
      "S9: half a handshake and refused logins of a banned address do not lock it out either")
  void s9_halfHandshakesAndRefusedLoginsDoNotLockOutTheRightKey() throws Exception {
    failures.set(WRONG_KEYS_BEFORE_BAN);
    List<FrpPeer> guessers = new ArrayList<>();
    for (int i = 0; i < MOST_IF_BANNED; i++) {
      FrpPeer guesser = peer();
      guesser.sendLogin("wrong");
      guessers.add(guesser);
    }
    await().until(() -> failures.get() == WRONG_KEYS_BEFORE_BAN + MOST_IF_BANNED);
    assertThat(peer().login(KEY).error()).isEmpty();

    for (int i = 0; i < 2 * MOST_IF_BANNED; i++) {
      send(0x16, 0x03, 0x01);
    }
    await().until(() -> server.status().newConnections() == MOST_IF_BANNED);
    assertThat(peer().login(KEY).error()).isEmpty();
    guessers.forEach(FrpPeer::close);
  }

  @Test
  @DisplayName(
      "S9: a flood of silent connections from its address keeps nobody with the right key out")
  void s9_aFloodOfSilentConnectionsKeepsNobodyOut() throws Exception {
    failures.set(WRONG_KEYS_BEFORE_BAN);
    try (var flood = new Flood()) {
      await().until(() -> flood.opened.get() > 100);

      for (int i = 0; i < 10; i++) {
        logInWithinAMoment();
      }
    }
  }

  /** Where this machine is too slow for the moment that a flood leaves, it tries again, as frpc. */
  private void logInWithinAMoment() {
    var begun = System.nanoTime();
    for (var error = loginError(); !error.isEmpty(); error = loginError()) {
      var now = System.nanoTime();
      assertThat(Duration.ofNanos(now - begun)).as(error).isBetween(A_MOMENT, LONG_PATIENCE);
      begun = now;
    }
  }

  private String loginError() {
    try {
      return peer().login(KEY).error();
    } catch (Exception | AssertionError cutOff) {
      return cutOff.toString();
    }
  }

  // ---- after login

  @Test
  void aPoolCountOutOfRange() throws Exception {
    for (int poolCount : new int[] {Integer.MIN_VALUE, -11, -1, Integer.MAX_VALUE}) {
      FrpPeer peer = peer();
      AtomicInteger requests = new AtomicInteger();
      peer.onRequest(ReqWorkConn.class, requests::incrementAndGet);
      assertThat(peer.login(KEY, login -> withPoolCount(login, poolCount)).error()).isEmpty();

      peer.withTcp("app", 23_000);

      assertThat(requests.get()).isLessThanOrEqualTo(5);
      peer.close();
      await().until(() -> server.status().sessions().size() == 1);
    }
  }

  @Test
  void malformedMessagesAfterLogin() throws Exception {
    FrpPeer peer = peer().loggedIn(KEY);

    peer.control().sendRaw("garbage that decrypts to garbage".getBytes(StandardCharsets.US_ASCII));

    peer.control().expectEnd();
    await().until(() -> server.status().sessions().size() == 1);
  }

  @Test
  void messagesWithoutEnd() throws Exception {
    FrpPeer peer = peer().loggedIn(KEY);

    for (int i = 0; i < 1_000; i++) {
      peer.control().send(Ping.PLAIN);
    }

    peer.control().expectEnd();
  }

  @Test
  void workConnectionsWithoutEnd() throws Exception {
    FrpPeer peer = peer().loggedIn(KEY);
    List<FrpPeer.Stream> opened = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      opened.add(peer.openWork());
    }

    await().until(() -> opened.stream().filter(FrpPeer.Stream::isOpen).count() <= 1);
    assertThat(server.status().sessions()).hasSize(2);
  }

  @Test
  void aParkedStreamThatIsFilled() throws Exception {
    FrpPeer peer = peer().loggedIn(KEY);
    FrpPeer.Stream work = peer.openWork();

    work.sendRaw(new byte[250_000]);

    work.expectEnd();
  }

  @Test
  void aClientThatNeverReads() throws Exception {
    FrpPeer peer = peer().loggedIn(KEY).withTcp("app", 23_000);

    FrpPeer.Stream work = peer.openWork();
    Channel user = dialled(work);
    peer.connection().config().setAutoRead(false);

    FloodingUser flooding = flood(user);

    await().until(() -> flooding.stalls.get() > 0);
    assertThat(flooding.written.get()).isLessThan(64 << 20);
    user.close();
    peer.close();
  }

  @Test
  void aThousandUsersOfAClientWhoseLineIsFull() throws Exception {
    FrpPeer peer = peer().loggedIn(KEY).withTcp("app", 23_000);
    var asked = new AtomicInteger();
    peer.onRequest(ReqWorkConn.class, asked::incrementAndGet);
    fillTheLineOf(peer);

    dialALot();
    peer.connection().config().setAutoRead(true);

    await().until(() -> asked.get() >= 1_000);
    peer.close();
  }

  @Test
  @Tag(UNREAD)
  void usersOfAClientThatNeverReads() throws Exception {
    FrpPeer peer = peer().loggedIn(KEY).withTcp("app", 23_000);
    fillTheLineOf(peer);

    dialALot();

    await("its end, before an unanswered ping would bring it")
        .atMost(SHORT_PATIENCE.multipliedBy(6))
        .until(() -> server.status().sessions().size() == 1);
    peer.close();
  }

  /** As many users as it takes until their windows are more than TCP holds. */
  private void fillTheLineOf(FrpPeer peer) throws Exception {
    await().until(() -> OpenPorts.has(server, 23_000));
    List<Channel> users = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      users.add(dialled(peer.openWork()));
    }
    peer.connection().config().setAutoRead(false);
    for (Channel user : users) {
      FloodingUser flooding = flood(user);
      await().until(() -> flooding.stalls.get() > 0);
    }
  }

  private Channel dialled(FrpPeer.Stream work) throws Exception {
    await().until(() -> OpenPorts.has(server, 23_000));
    Channel user = server.dial("", 23_000, loops.next(), anybody -> true).get(30, TimeUnit.SECONDS);
    work.expect(StartWorkConn.class);
    return user;
  }

  private static FloodingUser flood(Channel user) {
    FloodingUser flooding = new FloodingUser();
    user.pipeline().addLast(flooding);
    user.pipeline().fireChannelWritabilityChanged();
    return flooding;
  }

  private void dialALot() {
    for (int i = 0; i < 1_000; i++) {
      server.dial("", 23_000, loops.next(), anybody -> true);
    }
  }

  @Test
  void aServiceThatFillsItsWindowsWhileNobodyReads() throws Exception {
    FrpPeer peer = peer().loggedIn(KEY).withTcp("app", 23_000);
    await().until(() -> OpenPorts.has(server, 23_000));
    List<Channel> users = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Future<Channel> dialled = server.dial("", 23_000, loops.next(), anybody -> true);
      FrpPeer.Stream work = peer.openWork();
      work.expect(StartWorkConn.class);
      users.add(dialled.get(30, TimeUnit.SECONDS));
      work.channel().writeAndFlush(Unpooled.buffer().writeZero(2 << 20));
    }

    await().until(() -> server.status().heldBytes() > 0);
    assertThat(server.status().heldBytes()).isLessThanOrEqualTo(20L * 512 * 1024);
    honest.assertServed();

    users.forEach(Channel::close);
    peer.close();
  }

  @Test
  void aStolenRunIdIsOfNoUse() throws Exception {
    FrpPeer victim = peer().loggedIn(KEY).withTcp("app", 23_000);
    FrpPeer.Stream stolen = FrpPeer.withoutMux(address, loops).openStream();

    stolen.send(NewWorkConn.of(victim.runId()));

    assertThat(stolen.expect(StartWorkConn.class).error()).isNotEmpty();
    stolen.expectEnd();
  }

  @Test
  void hundredsOfSessionsComeAndGo() throws Exception {
    long before = usedMemory();
    for (int round = 0; round < 5; round++) {
      List<FrpPeer> peers = new ArrayList<>();
      for (int i = 0; i < MOST_NEW_CONNECTIONS / 2; i++) {
        FrpPeer peer = peer().loggedIn(KEY);
        peer.openWork();
        peers.add(peer);
      }
      peers.forEach(FrpPeer::close);
      await().until(() -> server.status().sessions().size() == 1);
    }

    assertThat(usedMemory() - before).isLessThan(16L << 20);
  }

  // ---- helpers

  private static long usedMemory() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static io.netty.buffer.ByteBuf ping() {
    return Unpooled.wrappedBuffer(new byte[] {0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0});
  }

  private static Login withPoolCount(Login login, int poolCount) {
    return new Login(
        login.version(),
        login.hostname(),
        login.os(),
        login.arch(),
        login.user(),
        login.privilegeKey(),
        login.timestamp(),
        login.runId(),
        login.clientId(),
        login.metas(),
        login.clientSpec(),
        poolCount);
  }

  /** Opens connections one after another, says nothing, and closes none of the last thousand. */
  private final class Flood implements AutoCloseable {
    final AtomicInteger opened = new AtomicInteger();
    private final ArrayDeque<Socket> silent = new ArrayDeque<>();
    private final Thread opener = new Thread(this::open, "flood");
    private volatile boolean over;

    Flood() {
      opener.start();
    }

    private void open() {
      while (!over) {
        try {
          silent.add(new Socket(address.getAddress(), address.getPort()));
          opened.incrementAndGet();
          if (silent.size() > 1_000) {
            silent.poll().close();
          }
        } catch (IOException refused) {
          // the next one
        }
      }
    }

    @Override
    public void close() throws Exception {
      over = true;
      opener.join();
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  /** Writes as long as the channel takes it. */
  private static final class FloodingUser extends ChannelInboundHandlerAdapter {
    final AtomicInteger written = new AtomicInteger();
    final AtomicInteger stalls = new AtomicInteger();

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      while (ctx.channel().isWritable() && written.get() < 64 << 20) {
        written.addAndGet(16 * 1024);
        ctx.writeAndFlush(Unpooled.buffer().writeZero(16 * 1024));
      }
      stalls.incrementAndGet();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
