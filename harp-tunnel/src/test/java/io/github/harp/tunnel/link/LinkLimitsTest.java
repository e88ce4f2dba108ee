// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.carrier.Carrier;
import io.github.harp.tunnel.carrier.YamuxCarrier;
import io.github.harp.tunnel.pki.NodeCertificates;
import io.github.harp.tunnel.stream.HeldBytes;
import io.github.harp.tunnel.yamux.YamuxSession;
import io.github.harp.tunnel.yamux.YamuxSession.Pings;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How many, how much and how long: what a node allows another, and how long it waits for it. */
class LinkLimitsTest extends TwoNodes {

  private static final Duration SHORT = Duration.ofSeconds(1);
  private static final int MOST_LINKS = 256;
  private static final int MOST_WAITING = 4_096;

  /** What b was asked for and has not answered. */
  private final BlockingQueue<Promise<Channel>> held = new LinkedBlockingQueue<>();

  @Override
  Future<Channel> receive(String destination, EventLoop loop) {
    return switch (destination) {
      case "held" -> {
        Promise<Channel> answer = loop.newPromise();
        held.add(answer);
        yield answer;
      }
      case "slow" -> {
        Promise<Channel> answer = loop.newPromise();
        loop.schedule(
            () -> toService(loop).addListener((Future<Channel> it) -> pass(it, answer)),
            2 * SHORT.toMillis(),
            TimeUnit.MILLISECONDS);
        yield answer;
      }
      case "long" ->
          loop.newFailedFuture(new TunnelException(Code.NO_SUCH_PORT, "x".repeat(10_000)));
      default -> super.receive(destination, loop);
    };
  }

  private static void pass(Future<Channel> dialled, Promise<Channel> to) {
    if (dialled.isSuccess()) {
      to.setSuccess(dialled.getNow());
    } else {
      to.setFailure(dialled.cause());
    }
  }

  private static LinkOptions.Times times(Duration connect, Duration answer) {
    return new LinkOptions.Times(connect, answer, new Pings(Duration.ofSeconds(5)));
  }

  private static LinkedNode nodeAt(InetSocketAddress... addresses) {
    return nodeAt(CompletableFuture.completedFuture(List.of(addresses)));
  }

  private static LinkedNode nodeAt(CompletableFuture<List<InetSocketAddress>> addresses) {
    return new LinkedNode("b", "some place", () -> addresses);
  }

  private Future<Channel> dialAt(LinkedNode node) {
    return a.dial(node, "service", loops.next());
  }

  private Promise<Channel> asked() throws Exception {
    var asked = held.poll(20, TimeUnit.SECONDS);
    assertThat(asked).as("what b is asked for").isNotNull();
    return asked;
  }

  // ---- certificates

  @Test
  void aNodeThatStartedAYearAgoIsLinkedStill() throws Exception {
    var lastYear = Clock.offset(Clock.systemUTC(), Duration.ofDays(-365));
    var old = links(NodeCertificates.of(SECRET, "old", lastYear), 0);
    try {
      assertThat(get(old.dial(nodeB(), "service", loops.next())).isActive()).isTrue();
    } finally {
      old.close();
    }
  }

  @Test
  void aNodeMayBeCalledAnything() throws Exception {
    var name = "a node, wherever it is: " + "ü".repeat(100);
    var called = links(certificates(SECRET, name), 0);
    try {
      var address = get(called.start());
      var node =
          new LinkedNode(name, "there", () -> CompletableFuture.completedFuture(List.of(address)));
      assertThat(get(dialAt(node)).isActive()).isTrue();
    } finally {
      called.close();
    }
  }

  @Test
  void aSecretThatMightBeGuessedIsRefused() {
    assertThatThrownBy(() -> certificates(new byte[32], "b"))
        .hasMessage("256 bits of a secret; expected 384");
  }

  // ---- links

  @Test
  void ofVeryManyNodesThoseThatAreNotThereAreForgotten() throws Exception {
    var carried = get(dialAt(nodeB()));
    for (var i = 0; i < MOST_LINKS + 100; i++) {
      var gone =
          new LinkedNode("gone", "place " + i, () -> CompletableFuture.completedFuture(List.of()));
      assertThatThrownBy(() -> get(dialAt(gone))).hasMessageContaining("it has no address");
      assertThat(a.status()).hasSizeLessThanOrEqualTo(MOST_LINKS);
    }

    assertThat(carried.isActive()).isTrue();
    assertThat(a.status())
        .filteredOn(LinkStatus::connected)
        .singleElement()
        .satisfies(it -> assertThat(it.node()).isEqualTo("b"));
  }

  @Test
  void aNodeThatIsSomewhereElseNowIsDialledThere() throws Exception {
    get(dialAt(nodeB()));
    var moved = links(certificates(SECRET, "b"), 0);
    try {
      atB = get(moved.start());
      get(dialAt(nodeB()));
      assertThat(a.status()).hasSize(2);
    } finally {
      moved.close();
    }
  }

  @Test
  void nodesAreNoNewcomersOnceTheyHaveSpoken() throws Exception {
    var nodes = new ArrayList<Links>();
    try {
      var streams = new ArrayList<Channel>();
      for (var i = 0; i < 40; i++) {
        var node = links(certificates(SECRET, "node " + i), 0);
        nodes.add(node);
        streams.add(get(node.dial(nodeB(), "service", loops.next())));
      }
      assertThat(streams).allMatch(Channel::isActive);
    } finally {
      nodes.forEach(Links::close);
    }
  }

  @Test
  void whatANodeThatStopsHasDialledEnds() throws Exception {
    get(dialAt(nodeB()));
    var caller = caller();

    a.close();

    assertThat(endsSoon(caller)).isTrue();
  }

  // ---- on the way

  @Test
  void noMoreWaitForAConnectionThanMayWait() throws Exception {
    var addresses = new CompletableFuture<List<InetSocketAddress>>();
    var all = new ArrayList<Future<Channel>>();
    for (var i = 0; i < MOST_WAITING + 10; i++) {
      all.add(dialAt(nodeAt(addresses)));
    }
    for (var i = MOST_WAITING; i < all.size(); i++) {
      var tooMany = all.get(i);
      assertThatThrownBy(() -> get(tooMany)).extracting("code").isEqualTo(Code.LIMIT_REACHED);
    }

    addresses.complete(List.of());
    for (var waited : all.subList(0, MOST_WAITING)) {
      assertThatThrownBy(() -> get(waited)).hasMessageContaining("it has no address");
    }
  }

  @Test
  void whoHasGivenUpMeanwhileIsNotDialledForAndTakesNobodysPlace() throws Exception {
    var addresses = new CompletableFuture<List<InetSocketAddress>>();
    var node = nodeAt(addresses);
    for (var i = 0; i < 500; i++) {
      dialAt(node).cancel(false);
    }
    var last = dialAt(node);

    addresses.complete(List.of(atB));

    get(last);
    caller();
    assertThat(callers).isEmpty();
    assertThat(a.status()).singleElement().extracting("streams").isEqualTo(1);
  }

  @Test
  void whoWaitsForItsTurnWhenTheConnectionIsLostIsNotForgotten() throws Exception {
    var all = new ArrayList<Future<Channel>>();
    for (var i = 0; i < 200; i++) {
      all.add(a.dial(nodeB(), "held", loops.next()));
    }
    await().until(() -> held.size() == 128);

    b.close();
    b = links(certificates(SECRET, "b"), atB.getPort());
    get(b.start());

    await()
        .until(
            () -> {
              for (var asked = held.poll(); asked != null; asked = held.poll()) {
                asked.tryFailure(new TunnelException(Code.NO_SUCH_PORT, "no"));
              }
              return all.stream().allMatch(Future::isDone);
            });
  }

  @Test
  void whoAsksAgainAndAgainForANodeThatIsGoneIsToldThat() throws Exception {
    var gone =
        nodeAt(
            CompletableFuture.<List<InetSocketAddress>>failedFuture(
                new IOException("no such host")));
    for (var i = 0; i < MOST_WAITING + 10; i++) {
      assertThatThrownBy(() -> get(dialAt(gone)))
          .hasMessage("no link to node b at some place: no such host");
    }
  }

  @Test
  void aFewAddressesAreTriedAndNoMore() throws Exception {
    var nobody = nobody();
    assertThat(get(dialAt(nodeAt(nobody, nobody, nobody, atB))).isActive()).isTrue();

    var beyond =
        new LinkedNode(
            "b",
            "another place",
            () -> CompletableFuture.completedFuture(List.of(nobody, nobody, nobody, nobody, atB)));
    assertThatThrownBy(() -> get(dialAt(beyond))).hasMessageContaining("no link to node b");
  }

  private static InetSocketAddress nobody() throws IOException {
    try (var closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return (InetSocketAddress) closed.getLocalSocketAddress();
    }
  }

  @Test
  void oneThatAcceptsAndSaysNothingIsNotWaitedForForEver() throws Exception {
    var hurried = links(certificates(SECRET, "a"), 0, times(SHORT, Duration.ofHours(1)));
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      var node = nodeAt((InetSocketAddress) silent.getLocalSocketAddress());
      assertThatThrownBy(() -> get(hurried.dial(node, "service", loops.next())))
          .hasMessageContaining("handshake timed out");
      assertThat(endsSoon(silent.accept())).isTrue();
    } finally {
      hurried.close();
    }
  }

  @Test
  void oneThatDoesNotAcceptIsNotWaitedForForEver() throws Exception {
    var hurried = links(certificates(SECRET, "a"), 0, times(SHORT, Duration.ofHours(1)));
    var callers = new ArrayList<Socket>();
    try (var full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // More than wait to be accepted: the kernel answers no more then.
      for (var i = 0; i < 2; i++) {
        callers.add(new Socket(full.getInetAddress(), full.getLocalPort()));
      }
      var node = nodeAt((InetSocketAddress) full.getLocalSocketAddress());
      assertThatThrownBy(() -> get(hurried.dial(node, "service", loops.next())))
          .hasMessageContaining("connection timed out");
    } finally {
      for (var caller : callers) {
        caller.close();
      }
      hurried.close();
    }
  }

  // ---- answers

  @Test
  void whoeverDoesNotAnswerIsNotWaitedForForEver() throws Exception {
    var hurried = links(certificates(SECRET, "a"), 0, times(Duration.ofSeconds(20), SHORT));
    try {
      var unanswered = hurried.dial(nodeB(), "held", loops.next());
      var asked = asked();
      assertThatThrownBy(() -> get(unanswered)).extracting("code").isEqualTo(Code.TIMEOUT);
      await().until(asked::isCancelled);
      await().until(() -> hurried.status().get(0).streams() == 0);
    } finally {
      hurried.close();
    }
  }

  @Test
  void whatWasAnsweredWaitsForItsReader() throws Exception {
    var hurried = links(certificates(SECRET, "a"), 0, times(Duration.ofSeconds(20), SHORT));
    try {
      var unread = new ArrayList<Channel>();
      for (var i = 0; i < 3; i++) {
        unread.add(get(hurried.dial(nodeB(), "service", loops.next())));
      }
      get(loops.schedule(() -> true, 2 * SHORT.toMillis(), TimeUnit.MILLISECONDS));

      for (var channel : unread) {
        channel.writeAndFlush(Unpooled.copiedBuffer("x", US_ASCII));
        assertThat(caller().getInputStream().read()).isEqualTo('x');
      }
    } finally {
      hurried.close();
    }
  }

  @Test
  void aServiceThatIsSlowIsWaitedForByTheNodeItIsAt() throws Exception {
    b.close();
    b = links(certificates(SECRET, "b"), 0, times(Duration.ofSeconds(20), SHORT));
    atB = get(b.start());

    assertThat(get(a.dial(nodeB(), "slow", loops.next())).isActive()).isTrue();
  }

  @Test
  void whatNobodyWantsAnyMoreWhenItIsAnsweredEnds() throws Exception {
    for (var i = 0; i < 4; i++) {
      var dialled = a.dial(nodeB(), "held", loops.next());
      var asked = asked();
      dialled.cancel(false);

      toService(loops.next()).addListener((Future<Channel> it) -> pass(it, asked));

      assertThat(endsSoon(caller())).isTrue();
    }
    await().until(() -> a.status().get(0).streams() == 0);
  }

  @Test
  void whatANodeAsksForThatIsGoneSinceIsCancelledOrEnded() throws Exception {
    a.dial(nodeB(), "held", loops.next());
    var late = asked();
    late.setUncancellable();
    a.dial(nodeB(), "held", loops.next());
    var cancelled = asked();

    a.close();

    await().until(cancelled::isCancelled);
    toService(loops.next()).addListener((Future<Channel> it) -> pass(it, late));
    assertThat(endsSoon(caller())).isTrue();
  }

  @Test
  void noReasonIsLongerThanALineOrTwo() {
    assertThatThrownBy(() -> dial("long"))
        .isInstanceOf(TunnelException.class)
        .hasMessage("x".repeat(300));
  }

  // ---- what another one says that is not made as this is

  /** One with a certificate that says to b what it wants. */
  private record Other(Channel connection, Carrier carrier) {}

  private Other other() throws Exception {
    var connection =
        new Bootstrap()
            .group(loops)
            .channel(TRANSPORT.tcpChannel())
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(certificates(SECRET, "other").dialling("b", channel.alloc()));
                  }
                })
            .connect(atB)
            .sync()
            .channel();
    get(connection.pipeline().get(SslHandler.class).handshakeFuture());
    var session = new YamuxSession.Options(16, 1 << 20, new Pings(), HeldBytes.limitedTo(1 << 20));
    return get(
        connection
            .eventLoop()
            .submit(() -> new Other(connection, YamuxCarrier.client(connection, session))));
  }

  private Channel stream(Other of) throws Exception {
    Promise<Channel> opened = loops.next().newPromise();
    of.connection()
        .eventLoop()
        .execute(
            () ->
                of.carrier()
                    .openStream(new ChannelInboundHandlerAdapter())
                    .addListener((Future<Channel> it) -> pass(it, opened)));
    return get(opened);
  }

  private static void say(Channel stream, String text) {
    stream.writeAndFlush(Unpooled.copiedBuffer(text, US_ASCII));
  }

  private static boolean isResetSoon(Channel stream) throws Exception {
    return stream.closeFuture().await(20, TimeUnit.SECONDS);
  }

  @Test
  void aStreamThatDoesNotSayWhereItWantsToGoIsReset() throws Exception {
    b.close();
    b = links(certificates(SECRET, "b"), 0, times(Duration.ofSeconds(20), SHORT));
    atB = get(b.start());
    var other = other();
    var known = stream(other);
    say(known, "service\n");
    caller();

    var silent = stream(other);
    say(silent, "serv");

    assertThat(isResetSoon(silent)).isTrue();
    assertThat(known.isActive()).isTrue();
  }

  @Test
  void aLineThatDoesNotEndIsResetBeforeItDoes() throws Exception {
    b.close();
    b = links(certificates(SECRET, "b"), 0, times(Duration.ofSeconds(20), Duration.ofHours(1)));
    atB = get(b.start());
    var other = other();
    var known = stream(other);
    say(known, "service\n");
    caller();

    var endless = stream(other);
    say(endless, "x".repeat(Links.MAX_DESTINATION + 1));

    assertThat(isResetSoon(endless)).isTrue();
    assertThat(known.isActive()).isTrue();
  }

  @Test
  void whatIsSaidBeforeThereIsAnAnswerWaitsForTheService() throws Exception {
    var other = other();
    var hasty = stream(other);
    say(hasty, "held\n");
    var asked = asked();
    say(hasty, "for the service");
    // Read after that.
    say(stream(other), "held\n");
    asked();

    toService(loops.next()).addListener((Future<Channel> it) -> pass(it, asked));

    var caller = caller();
    caller.setSoTimeout(20_000);
    assertThat(new String(caller.getInputStream().readNBytes(15), US_ASCII))
        .isEqualTo("for the service");
  }

  @Test
  void whatNobodyReadsTakesNoMoreMemoryThanIsForAllLinks() throws Exception {
    b.close();
    b = links(certificates(SECRET, "b"), 0, new LinkOptions.Times(), 256 << 10);
    atB = get(b.start());
    var other = other();
    var asked = new ArrayList<Promise<Channel>>();
    for (var i = 0; i < 4; i++) {
      var unread = stream(other);
      say(unread, "held\n");
      asked.add(asked());
      say(unread, "x".repeat(200 << 10));
    }

    await().until(() -> asked.stream().anyMatch(Future::isCancelled));
  }
}
