// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.harp.tunnel.TunnelException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.CorruptedFrameException;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** A channel of one event loop, used from another. */
class BridgeTest {

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final EventLoop farLoop = loops.next();
  private final EventLoop nearLoop = loops.next();
  private final FarChannel far = new FarChannel();
  private final Reader reader = new Reader();
  private final HeldBytes held = HeldBytes.limitedTo(64 << 20);
  private Channel near;

  @BeforeEach
  void build() throws Exception {
    far.config().setAutoRead(false);
    farLoop.register(far).sync();
    near =
        farLoop
            .submit(() -> Bridge.across(far, nearLoop, held))
            .get(30, TimeUnit.SECONDS)
            .get(30, TimeUnit.SECONDS);
    near.pipeline().addLast(reader);
  }

  @AfterEach
  void stop() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private void farReceives(int bytes) {
    farLoop.execute(
        () -> {
          far.receive(Unpooled.buffer().writeZero(bytes));
          far.receiveComplete();
        });
  }

  @Test
  void bytesCrossInBothDirections() {
    near.config().setAutoRead(true);
    farReceives(1000);
    near.writeAndFlush(Unpooled.buffer().writeZero(500));

    await().until(() -> reader.bytes.get() == 1000 && far.sent.get() == 500);
    assertThat(reader.loop.get()).isSameAs(nearLoop);
  }

  @Test
  void theFarChannelIsNotReadWhileTheNearOneIsNot() {
    for (int i = 0; i < 40; i++) {
      farReceives(16 * 1024);
    }

    await().until(() -> !far.config().isAutoRead());
    assertThat(reader.bytes.get()).isZero();

    near.config().setAutoRead(true);
    await().until(() -> reader.bytes.get() == 40 * 16 * 1024);
  }

  @Test
  void lessIsHandedOverWhereLittleRoomIsLeft() throws Exception {
    held.reserve(31 << 20);
    for (int i = 0; i < 3; i++) {
      farReceives(16 * 1024);
    }

    await().until(() -> !far.config().isAutoRead());
    near.config().setAutoRead(true);
    await().until(() -> far.config().isAutoRead());
    assertThat(reader.bytes.get()).isEqualTo(3 * 16 * 1024);
  }

  @Test
  void theNearChannelIsNotWritableWhileTheFarOneTakesNothing() {
    far.stalled = true;
    AtomicInteger written = new AtomicInteger();
    nearLoop.execute(() -> writeWhileWritable(written));

    await().until(() -> written.get() > 0 && !near.isWritable());
    assertThat(written.get()).isLessThanOrEqualTo(512 * 1024);

    far.stalled = false;
    farLoop.execute(far::resume);
    await().until(() -> near.isWritable() && far.sent.get() == written.get());
  }

  /** Sizes that leave every remainder on either side of the limits. */
  @ParameterizedTest
  @ValueSource(ints = {1_000, 8 * 1024, 65_535, 300 * 1024})
  void largeTransfersInBothDirectionsNeverStall(int piece) {
    int total = 40 * 1024 * 1024 / piece * piece;
    AtomicInteger left = new AtomicInteger(total);
    near.pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelWritabilityChanged(ChannelHandlerContext ctx) {
                writeOn(left, piece);
              }
            });
    near.config().setAutoRead(true);
    nearLoop.execute(() -> writeOn(left, piece));
    farLoop.execute(() -> feed(piece, total));

    await()
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> reader.bytes.get() == total && far.sent.get() == total);
  }

  private void writeOn(AtomicInteger left, int piece) {
    while (left.get() > 0 && near.isWritable()) {
      left.addAndGet(-piece);
      near.writeAndFlush(Unpooled.buffer(piece).writeZero(piece));
    }
  }

  /** As a tunnel's stream does: a batch whenever the channel is read, and a pause otherwise. */
  private void feed(int piece, int left) {
    int rest = left;
    for (int i = 0; i < 8 && rest > 0 && far.config().isAutoRead(); i++) {
      far.receive(Unpooled.buffer(piece).writeZero(piece));
      rest -= piece;
    }
    far.receiveComplete();
    int unsent = rest;
    if (unsent > 0) {
      farLoop.execute(() -> feed(piece, unsent));
    }
  }

  private void writeWhileWritable(AtomicInteger written) {
    while (near.isWritable()) {
      written.addAndGet(8 * 1024);
      near.writeAndFlush(Unpooled.buffer().writeZero(8 * 1024));
    }
  }

  @Test
  void theEndOfTheFarChannelComesAfterItsBytes() {
    near.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    farReceives(1000);
    farLoop.execute(far::receiveEnd);
    near.config().setAutoRead(true);

    await().until(() -> reader.ended);
    assertThat(reader.bytes.get()).isEqualTo(1000);
  }

  @Test
  void anAbortOfTheFarChannelCloses() {
    farLoop.execute(() -> far.abort(new TunnelException(TunnelException.Code.RESET, "gone")));

    await().until(() -> !near.isOpen());
    assertThat(reader.error.get()).hasMessage("gone");
  }

  @Test
  @DisplayName("S14: what breaks before anybody uses it ends, without a stack trace")
  void brokenBeforeItIsUsed() {
    var log = new ListAppender<ILoggingEvent>();
    var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    log.start();
    root.addAppender(log);
    near.pipeline().remove(reader);
    farLoop.execute(
        () -> far.pipeline().fireExceptionCaught(new CorruptedFrameException("not snappy")));

    await().until(() -> !near.isOpen());
    root.detachAppender(log);
    assertThat(log.list)
        .filteredOn(event -> event.getThrowableProxy() != null)
        .extracting(ILoggingEvent::getFormattedMessage)
        .isEmpty();
  }

  @Test
  void closingSendsEverythingAndEnds() {
    near.writeAndFlush(Unpooled.buffer().writeZero(1000));
    near.close();

    await().until(() -> !far.isOpen());
    assertThat(far.sent.get()).isEqualTo(1000);
    assertThat(far.end).isEqualTo("end");
  }

  @Test
  void closingWithALingerOfZeroResets() {
    near.config().setOption(ChannelOption.SO_LINGER, 0);
    near.close();

    await().until(() -> !far.isOpen());
    assertThat(far.end).isEqualTo("reset");
  }

  /** Stands for a tunnel's stream. */
  private static final class FarChannel extends StreamChannel {
    final AtomicInteger sent = new AtomicInteger();
    volatile boolean stalled;
    volatile String end = "none";

    FarChannel() {
      super(null);
    }

    void resume() {
      sendFlushed();
    }

    @Override
    protected boolean send(ChannelOutboundBuffer flushed) {
      while (!stalled && flushed.current() instanceof ByteBuf bytes) {
        sent.addAndGet(bytes.readableBytes());
        flushed.remove();
      }
      return flushed.isEmpty();
    }

    @Override
    protected void sendEnd() {
      end = "end";
    }

    @Override
    protected void sendReset() {
      end = "reset";
    }

    @Override
    protected void onConsumed(int bytes) {}

    @Override
    protected SocketAddress localAddress0() {
      return null;
    }

    @Override
    protected SocketAddress remoteAddress0() {
      return null;
    }
  }

  private static final class Reader extends ChannelInboundHandlerAdapter {
    final AtomicInteger bytes = new AtomicInteger();
    final AtomicReference<EventLoop> loop = new AtomicReference<>();
    final AtomicReference<Throwable> error = new AtomicReference<>();
    volatile boolean ended;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      loop.set(ctx.channel().eventLoop());
      bytes.addAndGet(((ByteBuf) msg).readableBytes());
      ((ByteBuf) msg).release();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      ended |= event == ChannelInputShutdownEvent.INSTANCE;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      error.set(cause);
    }
  }
}
