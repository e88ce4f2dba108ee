// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link Carrier} does, at a client and at its server. */
abstract class CarrierContract {

  static final long PATIENCE_SECONDS = 30;
  private static final int MOST_STREAMS = 3;

  final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());

  final EventLoop clientLoop = loops.next();

  /** A server's, in the order of their connections. */
  final List<Carrier> servers = new CopyOnWriteArrayList<>();

  private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();

  /** A client's carrier over a connection that is ready; the dialler makes more of them. */
  abstract Carrier client(Channel first, int mostStreams, Supplier<Future<Channel>> dialler);

  abstract Carrier server(Channel connection, ChannelHandler onStream);

  abstract boolean isMultiplexed();

  /** Listens; each connection is given to {@link #begin}. */
  @BeforeEach
  abstract void listen() throws Exception;

  final void begin(Channel connection) {
    servers.add(server(connection, new EchoInitializer()));
  }

  /** Makes a connection that is ready for a client's carrier, on its loop. */
  abstract Future<Channel> dial();

  @AfterEach
  void stop() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  @Test
  void everyStreamReachesTheServerAndBytesPassBothWays() throws Exception {
    var carrier = connect();
    var first = open(carrier);
    var second = open(carrier);

    first.sends("one");
    second.sends("two");

    assertThat(first.receives(3)).isEqualTo("one");
    assertThat(second.receives(3)).isEqualTo("two");
    assertThat(accepted).hasSize(2);
  }

  @Test
  void aStreamEndsAndOthersGoOn() throws Exception {
    var carrier = connect();
    var first = open(carrier);
    var second = open(carrier);
    first.sends("x").receives(1);
    second.sends("x").receives(1);

    second.channel.close();
    await().until(() -> accepted.stream().filter(Channel::isActive).count() == 1);

    first.sends("goes on");
    assertThat(first.receives(7)).isEqualTo("goes on");
    assertThat(carrier.closed().isDone()).isFalse();
  }

  @Test
  void moreStreamsThanItsLimitAreRefusedUntilItIsRaised() throws Exception {
    var carrier = connect();
    for (int i = 0; i < MOST_STREAMS; i++) {
      open(carrier).sends("x").receives(1);
    }
    assertFails(TunnelException.Code.LIMIT_REACHED, carrier);

    onLoop(() -> carrier.limitStreams(MOST_STREAMS + 1));

    open(carrier).sends("x").receives(1);
    assertFails(TunnelException.Code.LIMIT_REACHED, carrier);
  }

  @Test
  void aStreamThatHasEndedMakesRoom() throws Exception {
    var carrier = connect();
    for (int i = 1; i < MOST_STREAMS; i++) {
      open(carrier).sends("x").receives(1);
    }
    var last = open(carrier);
    last.sends("x").receives(1);

    last.channel.close();

    await().until(() -> carrier.openStream(new Received()).await().isSuccess());
  }

  @Test
  void aServerOpensNoStreams() throws Exception {
    open(connect()).sends("x").receives(1);

    assertFails(TunnelException.Code.CLOSED, servers.get(0));
  }

  @Test
  void whoClosesItEndsAllStreamsOnBothSides() throws Exception {
    var carrier = connect();
    var first = open(carrier);
    var second = open(carrier);
    first.sends("x").receives(1);
    second.sends("x").receives(1);

    carrier.close();

    assertEnds(carrier, first, second);
  }

  @Test
  void whenTheServerClosesItAllStreamsEndOnBothSides() throws Exception {
    var carrier = connect();
    var first = open(carrier);
    var second = open(carrier);
    first.sends("x").receives(1);
    second.sends("x").receives(1);

    servers.get(0).close();

    assertEnds(carrier, first, second);
  }

  private void assertEnds(Carrier carrier, Received... streams) throws Exception {
    assertThat(carrier.closed().await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    for (var stream : streams) {
      assertThat(stream.channel.closeFuture().await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }
    await().until(() -> accepted.stream().noneMatch(Channel::isActive));
    await().until(() -> servers.stream().allMatch(server -> server.closed().isDone()));
    assertFails(TunnelException.Code.CLOSED, carrier);
  }

  @Test
  void aPeerThatLivesGivesASign() throws Exception {
    var carrier = connect();
    open(carrier).sends("x").receives(1);

    for (var side : List.of(carrier, servers.get(0))) {
      Future<Boolean> alive = onLoop(() -> side.probe(Duration.ofSeconds(PATIENCE_SECONDS)));
      assertThat(alive.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }
  }

  // ---- arrangement

  final Carrier connect() throws Exception {
    var first = dial().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return first
        .eventLoop()
        .submit(() -> client(first, MOST_STREAMS, this::dial))
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private <T> T onLoop(Callable<T> action) throws Exception {
    return clientLoop.submit(action).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private void onLoop(Runnable action) throws Exception {
    clientLoop.submit(action).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  static Received open(Carrier carrier) throws Exception {
    var received = new Received();
    received.channel = carrier.openStream(received).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return received;
  }

  private static void assertFails(TunnelException.Code code, Carrier carrier) throws Exception {
    var opened = carrier.openStream(new Received());
    assertThat(opened.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(opened.cause())
        .isInstanceOfSatisfying(
            TunnelException.class, failure -> assertThat(failure.code()).isEqualTo(code));
  }

  /** A client's end of a stream. */
  static final class Received extends ChannelInboundHandlerAdapter {

    private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
    private Channel channel;

    Received sends(String text) {
      channel.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
      return this;
    }

    String receives(int bytes) throws InterruptedException {
      var all = new StringBuilder();
      while (all.length() < bytes) {
        var part = texts.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(part).as("more than " + all).isNotNull();
        all.append(part);
      }
      return all.toString();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      var bytes = (ByteBuf) msg;
      texts.add(bytes.toString(StandardCharsets.UTF_8));
      bytes.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  @Sharable
  private final class EchoInitializer extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel stream) {
      accepted.add(stream);
      stream
          .pipeline()
          .addLast(
              new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object msg) {
                  ctx.writeAndFlush(msg);
                }

                @Override
                public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                  ctx.close();
                }
              });
    }
  }
}
