// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** S1: what a codec keeps of frames that are not whole. */
class Http2UnfinishedTest {

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int CONTINUATION = 9;
  private static final int END_HEADERS = 4;

  @Property(tries = 200)
  @Label("S1: wherever the bytes are split, the same is unfinished")
  void countsWhatIsNotWhole(@ForAll @IntRange(min = 1, max = 40) int piece) {
    var unfinished = new Http2Unfinished();
    var channel = new EmbeddedChannel(unfinished);

    send(channel, Http2CodecUtil.connectionPrefaceBuf(), piece);
    send(channel, frame(DATA, 0, 100), piece);
    assertThat(unfinished.bytes()).isZero();

    send(channel, frame(HEADERS, 0, 50), piece);
    assertThat(unfinished.bytes()).isEqualTo(50);
    send(channel, frame(CONTINUATION, 0, 30), piece);
    assertThat(unfinished.bytes()).isEqualTo(80);
    send(channel, frame(CONTINUATION, END_HEADERS, 0), piece);
    assertThat(unfinished.bytes()).isZero();

    var cut = frame(DATA, 0, 70);
    send(channel, cut.readRetainedSlice(9 + 69), piece);
    assertThat(unfinished.bytes()).isEqualTo(69);
    send(channel, cut, piece);
    assertThat(unfinished.bytes()).isZero();
    channel.finishAndReleaseAll();
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
            new Http2Unfinished());
    channel.config().setAutoRead(false);
    reads.set(0);
    channel.read();
    assertThat(reads).hasValue(0);
    channel.config().setAutoRead(true);
    assertThat(reads).hasValue(1);
    channel.finishAndReleaseAll();
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
