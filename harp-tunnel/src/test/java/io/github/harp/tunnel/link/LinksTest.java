// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.carrier.SocketKind;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.pki.NodeCertificates;
import io.github.harp.tunnel.server.TunnelServerOptions.Loops;
import io.github.harp.tunnel.stream.Reset;
import io.github.harp.tunnel.yamux.YamuxSession.Pings;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is at node "b", reached from node "a". */
class LinksTest {

  private static final SocketKind TRANSPORT = SocketKind.best();
  private static final byte[] SECRET = secret(1);
  private static final byte[] BLOCK = new byte[64 * 1024];
  private static final int BLOCKS = 1_024;

  private final EventLoopGroup loops = TRANSPORT.newLoops(3, "links-test");
  private final BlockingQueue<Socket> callers = new LinkedBlockingQueue<>();
  private ServerSocket service;
  private Links a;
  private Links b;
  private InetSocketAddress atB;

  private static byte[] secret(int seed) {
    var bytes = new byte[NodeCertificates.SECRET_BITS / Byte.SIZE];
    bytes[7] = (byte) seed;
    return bytes;
  }

  @BeforeEach
  void start() throws Exception {
    service = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    var accepting = new Thread(this::accept, "service");
    accepting.setDaemon(true);
    accepting.start();
    a = links(certificates(SECRET, "a"), 0);
    b = links(certificates(SECRET, "b"), 0);
    atB = get(b.start());
  }

  private void accept() {
    try {
      while (true) {
        callers.add(service.accept());
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  @AfterEach
  void stop() throws Exception {
    a.close();
    b.close();
    service.close();
    for (var caller : callers) {
      caller.close();
    }
    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }

  private static NodeCertificates certificates(byte[] secret, String node) {
    return NodeCertificates.of(secret, node, Clock.systemUTC());
  }

  private Links links(NodeCertificates certificates, int port) {
    return links(certificates, port, new LinkOptions.Times());
  }

  private Links links(NodeCertificates certificates, int port, LinkOptions.Times times) {
    return new Links(
        new LinkOptions(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
            certificates,
            new Loops(loops, loops, TRANSPORT.serverChannel()),
            TRANSPORT.tcpChannel(),
            times,
            error -> {}),
        this::receive);
  }

  private Future<Channel> receive(String destination, EventLoop loop) {
    return switch (destination) {
      case "late" ->
          loop.newFailedFuture(new TunnelException(Code.TIMEOUT, "nobody answers in time"));
      case "service" -> toService(loop);
      default ->
          loop.newFailedFuture(
              new TunnelException(Code.NO_SUCH_PORT, "nothing is called " + destination));
    };
  }

  private Future<Channel> toService(EventLoop loop) {
    Promise<Channel> dialled = loop.newPromise();
    new Bootstrap()
        .group(loop)
        .channel(TRANSPORT.tcpChannel())
        .option(ChannelOption.AUTO_READ, false)
        .handler(new ChannelInboundHandlerAdapter())
        .connect(service.getLocalSocketAddress())
        .addListener(
            (ChannelFuture connected) -> {
              if (connected.isSuccess()) {
                dialled.trySuccess(connected.channel());
              } else {
                dialled.tryFailure(connected.cause());
              }
            });
    return dialled;
  }

  private LinkedNode nodeB() {
    return node("b");
  }

  private LinkedNode node(String name) {
    return new LinkedNode(
        name, atB.toString(), () -> CompletableFuture.completedFuture(List.of(atB)));
  }

  private Channel dial(String destination) throws Exception {
    return get(a.dial(nodeB(), destination, loops.next()));
  }

  private Socket caller() throws Exception {
    var caller = callers.poll(20, TimeUnit.SECONDS);
    assertThat(caller).as("somebody who calls the service").isNotNull();
    return caller;
  }

  private static <T> T get(Future<T> future) throws Exception {
    assertThat(future.await(30, TimeUnit.SECONDS)).isTrue();
    if (!future.isSuccess()) {
      throw (Exception) future.cause();
    }
    return future.getNow();
  }

  @Test
  void bytesPassBothWaysOnWhateverLoopAndWhoeverSpeaksFirst() throws Exception {
    for (var i = 0; i < 6; i++) {
      var channel = dial("service");
      try (var service = caller()) {
        service.getOutputStream().write("hello".getBytes(US_ASCII));
        var heard = new Heard();
        channel.pipeline().addLast(heard);
        channel.config().setAutoRead(true);
        await().until(() -> heard.text().equals("hello"));

        channel.writeAndFlush(Unpooled.copiedBuffer("and you", US_ASCII));
        assertThat(new String(service.getInputStream().readNBytes(7), US_ASCII))
            .isEqualTo("and you");

        service.shutdownOutput();
        heard.ended.get(20, TimeUnit.SECONDS);
        assertThat(heard.failure).isNull();
      }
    }
    assertThat(a.status()).singleElement().satisfies(link -> assertThat(link.connected()).isTrue());
  }

  @Test
  void whatComesInOneMomentWaitsForItsTurn() throws Exception {
    var all = new ArrayList<Future<Channel>>();
    for (var i = 0; i < 1_000; i++) {
      all.add(a.dial(nodeB(), i % 2 == 0 ? "service" : "nothing", loops.next()));
    }
    for (var i = 0; i < all.size(); i++) {
      var dialled = all.get(i);
      assertThat(dialled.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(dialled.isSuccess()).isEqualTo(i % 2 == 0);
      if (i % 2 == 0) {
        dialled.getNow().close();
      }
    }
    await().until(() -> a.status().get(0).streams() == 0);
  }

  @Test
  void aReaderThatWaitsHoldsTheServiceBackAndGetsEverything() throws Exception {
    var channel = dial("service");
    var service = caller();
    var written = CompletableFuture.supplyAsync(() -> writeAll(service));

    assertThat(written)
        .as("a service whose reader does not read")
        .failsWithin(Duration.ofMillis(500));
    var heard = new Heard();
    channel.pipeline().addLast(heard);
    channel.config().setAutoRead(true);

    assertThat(written.get(60, TimeUnit.SECONDS)).isTrue();
    heard.ended.get(60, TimeUnit.SECONDS);
    assertThat(heard.bytes).isEqualTo((long) BLOCK.length * BLOCKS);
    assertThat(heard.failure).isNull();
  }

  private static boolean writeAll(Socket to) {
    try (to) {
      for (var i = 0; i < BLOCKS; i++) {
        to.getOutputStream().write(BLOCK);
      }
      return true;
    } catch (IOException broken) {
      return false;
    }
  }

  @Test
  void anAbortIsOneAtTheOtherEnd() throws Exception {
    var leaving = dial("service");
    var left = caller();
    Reset.of(leaving);
    assertThatThrownBy(() -> left.getInputStream().read()).hasMessageContaining("reset");

    var staying = dial("service");
    var gone = caller();
    var heard = new Heard();
    staying.pipeline().addLast(heard);
    staying.config().setAutoRead(true);
    gone.getOutputStream().write(1);
    await().until(() -> heard.bytes == 1);
    gone.setSoLinger(true, 0);
    gone.close();
    heard.ended.get(20, TimeUnit.SECONDS);
    assertThat(heard.failure).isNotNull();
  }

  @Test
  void theOtherNodesRefusalIsTold() {
    assertThatThrownBy(() -> dial("unheard of"))
        .hasMessage("nothing is called unheard of")
        .extracting("code")
        .isEqualTo(Code.NO_SUCH_PORT);
    assertThatThrownBy(() -> dial("late")).extracting("code").isEqualTo(Code.TIMEOUT);
  }

  @Test
  void aNodeThatComesBackIsLinkedAgain() throws Exception {
    var before = dial("service");
    b.close();
    before.closeFuture().await(20, TimeUnit.SECONDS);
    assertThat(before.isOpen()).isFalse();
    assertThatThrownBy(() -> dial("service")).hasMessageContaining("no link to node b at");
    assertThat(a.status().get(0).trouble()).isNotEmpty();

    b = links(certificates(SECRET, "b"), atB.getPort());
    get(b.start());
    dial("service").close();
    assertThat(a.status().get(0).trouble()).isEmpty();
  }

  @Test
  void whatIsOnItsWayFailsAtBothEndsOfALineThatFallsSilent() throws Exception {
    var times =
        new LinkOptions.Times(
            Duration.ofSeconds(3),
            Duration.ofMinutes(5),
            new Pings(Duration.ofMillis(50), Duration.ofSeconds(2)));
    b.close();
    b = links(certificates(SECRET, "b"), 0, times);
    var near = links(certificates(SECRET, "a"), 0, times);
    try (var line = new SilentLine(get(b.start()))) {
      atB = line.address();
      var answer = get(near.dial(nodeB(), "service", loops.next()));
      var answering = caller();
      var heard = new Heard();
      answer.pipeline().addLast(heard);
      answer.config().setAutoRead(true);
      answering.getOutputStream().write(1);
      await().until(() -> heard.bytes == 1);
      var body = get(near.dial(nodeB(), "service", loops.next()));
      var reading = caller();
      await().until(() -> isFullOf(body));

      line.fallSilent();
      var waiting = near.dial(nodeB(), "service", loops.next());

      heard.ended.get(20, TimeUnit.SECONDS);
      assertThat(heard.failure).isNotNull();
      assertThatThrownBy(() -> get(waiting)).extracting("code").isEqualTo(Code.CLOSED);
      assertThat(body.closeFuture().await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(near.status()).singleElement().extracting("connected").isEqualTo(false);
      assertThat(endsSoon(answering)).isTrue();
      assertThat(endsSoon(reading)).isTrue();
    } finally {
      near.close();
    }
  }

  private static boolean isFullOf(Channel channel) {
    channel.writeAndFlush(Unpooled.wrappedBuffer(BLOCK));
    return !channel.isWritable();
  }

  @Test
  void aNodeThatStartedWithItsClockFarAheadIsLinkedAllTheSame() throws Exception {
    var tomorrow = Clock.offset(Clock.systemUTC(), Duration.ofDays(1));
    var ahead = links(NodeCertificates.of(SECRET, "ahead", tomorrow), 0);
    try {
      assertThat(get(ahead.dial(node("b"), "service", loops.next())).isActive()).isTrue();
    } finally {
      ahead.close();
    }
  }

  @Test
  void anotherNodeThanWasAskedForIsNotTalkedTo() {
    assertThatThrownBy(() -> get(a.dial(node("c"), "service", loops.next())))
        .hasMessageContaining("no link to node c");
    assertThat(callers).isEmpty();
  }

  @Test
  void whoHasNoCertificateOfThisSecretIsRefused(@TempDir Path folder) throws Exception {
    var stranger = links(certificates(secret(2), "a"), 0);
    assertThatThrownBy(() -> get(stranger.dial(nodeB(), "service", loops.next())))
        .hasMessageContaining("no link to node b");
    stranger.close();

    var tunnels = CertificateAuthority.open(folder, Duration.ofDays(30), Clock.systemUTC());
    assertThat(spokenTo(tunnels.clientContext())).as("an ExApp").isFalse();
    assertThat(
            spokenTo(
                SslContextBuilder.forClient()
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .endpointIdentificationAlgorithm(null)
                    .build()))
        .as("somebody without a certificate")
        .isFalse();
    assertThat(callers).isEmpty();
  }

  /** Whether b answers a stream of whoever has this, who believes all that b shows. */
  private boolean spokenTo(SslContext as) throws Exception {
    var answered = new CompletableFuture<Boolean>();
    var channel =
        new Bootstrap()
            .group(loops)
            .channel(TRANSPORT.tcpChannel())
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new SslHandler(as.newEngine(channel.alloc())));
                    channel.pipeline().addLast(new Answered(answered));
                  }
                })
            .connect(atB)
            .sync()
            .channel();
    // A yamux stream is opened, with a line of seven bytes.
    channel.writeAndFlush(
        Unpooled.copiedBuffer(
            new byte[] {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 8}, "service\n".getBytes(US_ASCII)));
    try {
      return answered.get(20, TimeUnit.SECONDS);
    } finally {
      channel.close();
    }
  }

  private static final class Answered extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Boolean> answered;

    Answered(CompletableFuture<Boolean> answered) {
      this.answered = answered;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ((ByteBuf) msg).release();
      answered.complete(true);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      answered.complete(false);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      answered.complete(false);
    }
  }

  @Test
  void whoSaysNothingMakesRoomForNodes() throws Exception {
    var silent = new ArrayList<Socket>();
    try {
      for (var i = 0; i < 40; i++) {
        silent.add(new Socket(atB.getAddress(), atB.getPort()));
      }
      dial("service").close();
      var ended = 0;
      for (var socket : silent.subList(0, 20)) {
        ended += endsSoon(socket) ? 1 : 0;
      }
      assertThat(ended).isEqualTo(20);
    } finally {
      for (var socket : silent) {
        socket.close();
      }
    }
  }

  private static boolean endsSoon(Socket socket) throws IOException {
    try {
      socket.setSoTimeout(20_000);
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
      return true;
    } catch (SocketTimeoutException stillThere) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  @Test
  void aLineWithoutEndIsCutOff() {
    assertThatThrownBy(() -> dial("x".repeat(Links.MAX_DESTINATION + 1)))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> dial("x".repeat(100_000))).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> dial("service\nand more before the answer"))
        .isInstanceOf(IOException.class);
  }

  /** What somebody at a has heard. */
  private static final class Heard extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final StringBuffer text = new StringBuffer();
    private volatile long bytes;
    private volatile Throwable failure;

    private String text() {
      return text.toString();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      var some = (ByteBuf) msg;
      bytes += some.readableBytes();
      if (bytes < 100) {
        text.append(some.toString(US_ASCII));
      }
      some.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      failure = cause;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      ended.complete(null);
    }
  }
}
