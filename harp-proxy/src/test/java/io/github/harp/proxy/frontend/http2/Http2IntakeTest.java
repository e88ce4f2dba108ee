// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.proxy.loop.FatalErrors;
import io.github.harp.proxy.loop.Turns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** S1: how much of what a client sends gets to the codec at once, and what that keeps of it. */
class Http2IntakeTest {

  private final EmbeddedChannel timer = new EmbeddedChannel();
  private final Turns turns = new Turns(timer.eventLoop(), new FatalErrors(error -> {}));
  private int room = 64;
  private boolean isShort;

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int PING = 6;
  private static final int WINDOW_UPDATE = 8;
  private static final int CONTINUATION = 9;
  private static final int END_HEADERS = 4;

  @Property(tries = 200)
  @Label("S1: wherever the bytes are split, the same is unfinished")
  void countsWhatIsNotWhole(@ForAll @IntRange(min = 1, max = 40) int piece) {
    var intake = intake();
    var channel = new EmbeddedChannel(intake);

    send(channel, Http2CodecUtil.connectionPrefaceBuf(), piece);
    send(channel, frame(DATA, 0, 100), piece);
    assertThat(intake.unfinishedBytes()).isZero();

    send(channel, frame(HEADERS, 0, 50), piece);
    assertThat(intake.unfinishedBytes()).isEqualTo(50);
    send(channel, frame(CONTINUATION, 0, 30), piece);
    assertThat(intake.unfinishedBytes()).isEqualTo(80);
    send(channel, frame(CONTINUATION, END_HEADERS, 0), piece);
    assertThat(intake.unfinishedBytes()).isZero();

    var cut = frame(DATA, 0, 70);
    send(channel, cut.readRetainedSlice(9 + 69), piece);
    assertThat(intake.unfinishedBytes()).isEqualTo(69);
    send(channel, cut, piece);
    assertThat(intake.unfinishedBytes()).isZero();
    channel.finishAndReleaseAll();
    timer.finishAndReleaseAll();
  }

  @Test
  @DisplayName("S1: a connection that is paused is not read on, whatever the codec asks for")
  void pausedIsPaused() {
    var reads = new AtomicInteger();
    var channel =
        new EmbeddedChannel(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void read(ChannelHandlerContext ctx) {
                reads.incrementAndGet();
                ctx.read();
              }
            },
            intake());
    channel.config().setAutoRead(false);
    reads.set(0);
    channel.read();
    assertThat(reads).hasValue(0);
    channel.config().setAutoRead(true);
    assertThat(reads).hasValue(1);
    channel.finishAndReleaseAll();
  }

  private Http2Intake intake() {
    return new Http2Intake(turns, () -> room, () -> isShort, () -> {});
  }

  @AfterEach
  void close() {
    timer.finishAndReleaseAll();
  }

  @Test
  @DisplayName("S1: of very many frames that make answers a part is handed on, the rest in turns")
  void inParts() {
    var channel = connected(intake());
    var many = Unpooled.buffer();
    for (int i = 0; i < 3 * room; i++) {
      many.writeBytes(frame(i % 2 == 0 ? HEADERS : PING, END_HEADERS, 8));
      many.writeBytes(frame(DATA, 0, 30));
    }
    channel.writeInbound(many.copy());
    assertThat(taken(channel)).isLessThan(many.readableBytes() / 2);

    runTurns();
    assertThat(all(channel)).isEqualTo(many);
    channel.finishAndReleaseAll();
  }

  @Test
  @DisplayName("S1: so are very many frames that make none, as of bodies a byte at a time")
  void manyFrames() {
    var channel = connected(intake());
    var many = Unpooled.buffer();
    for (int i = 0; i < 32 * room; i++) {
      many.writeBytes(frame(i % 2 == 0 ? DATA : WINDOW_UPDATE, 0, 4));
    }
    channel.writeInbound(many.copy());
    assertThat(taken(channel)).isEqualTo(many.readableBytes() / 2);

    runTurns();
    assertThat(all(channel)).isEqualTo(many);
    channel.finishAndReleaseAll();
  }

  @Test
  @DisplayName("S1: without room nothing is handed on, and all of it once there is some")
  void waitsForRoom() {
    var intake = intake();
    var channel = connected(intake);
    room = 0;
    var frames = frame(HEADERS, END_HEADERS, 20).writeBytes(frame(HEADERS, END_HEADERS, 30));
    channel.writeInbound(frames.copy());
    runTurns();
    assertThat(taken(channel)).isZero();
    assertThat(intake.waitingBytes()).isEqualTo(frames.readableBytes());

    room = 1;
    intake.goOn();
    runTurns();
    assertThat(all(channel)).isEqualTo(frames);
    assertThat(intake.waitingBytes()).isZero();
    channel.finishAndReleaseAll();
  }

  @Test
  @DisplayName("S1: who leaves behind more than may wait is not read to the end")
  void overrun() {
    var channel = connected(intake());
    var other = connected(intake());
    room = 0;
    channel.writeInbound(frame(HEADERS, END_HEADERS, 64 * 1024 - 9));
    channel.writeInbound(frame(HEADERS, END_HEADERS, 64 * 1024 - 9));
    assertThat(channel.isOpen()).as("a read that was under way").isTrue();
    channel.writeInbound(frame(HEADERS, END_HEADERS, 8));
    assertThat(channel.isOpen()).isFalse();

    isShort = true;
    other.writeInbound(frame(HEADERS, END_HEADERS, 16 * 1024));
    assertThat(other.isOpen()).as("while memory is short").isFalse();
  }

  private static EmbeddedChannel connected(Http2Intake intake) {
    var channel = new EmbeddedChannel(intake);
    channel.writeInbound(Http2CodecUtil.connectionPrefaceBuf());
    channel.<ByteBuf>readInbound().release();
    return channel;
  }

  private void runTurns() {
    for (int i = 0; i < 10; i++) {
      timer.advanceTimeBy(1, TimeUnit.MILLISECONDS);
      timer.runScheduledPendingTasks();
    }
  }

  private static int taken(EmbeddedChannel channel) {
    return channel.inboundMessages().stream().mapToInt(it -> ((ByteBuf) it).readableBytes()).sum();
  }

  private static ByteBuf all(EmbeddedChannel channel) {
    var all = Unpooled.buffer();
    for (ByteBuf next; (next = channel.readInbound()) != null; next.release()) {
      all.writeBytes(next.duplicate());
    }
    return all;
  }

  private static ByteBuf frame(int type, int flags, int length) {
    return Unpooled.buffer()
        .writeMedium(length)
        .writeByte(type)
        .writeByte(flags)
        .writeInt(1)
        .writeZero(length);
  }

  private static void send(EmbeddedChannel channel, ByteBuf bytes, int piece) {
    while (bytes.isReadable()) {
      channel.writeInbound(bytes.readRetainedSlice(Math.min(piece, bytes.readableBytes())));
    }
    bytes.release();
  }
}
