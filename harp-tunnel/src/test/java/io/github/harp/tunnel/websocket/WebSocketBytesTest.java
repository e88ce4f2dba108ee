// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.TunnelException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebSocketBytesTest {

  private static final String UNMASKED_HELLO = "820568656c6c6f";

  /** Keeps what would else be thrown at the end of the pipeline. */
  private static final class Failures extends ChannelInboundHandlerAdapter {
    private Throwable last;

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      last = cause;
    }
  }

  private final Failures failures = new Failures();
  private final EmbeddedChannel server = server(failures);
  private final EmbeddedChannel client = new EmbeddedChannel();

  WebSocketBytesTest() {
    client.pipeline().addLast(WebSocketBytes.ofClient(client));
  }

  private static EmbeddedChannel server(Failures failures) {
    var channel = new EmbeddedChannel();
    channel.pipeline().addLast(WebSocketBytes.ofServer(channel), failures);
    return channel;
  }

  private static ByteBuf hex(String bytes) {
    return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(bytes));
  }

  private static String taken(EmbeddedChannel from) {
    var all = Unpooled.buffer();
    for (ByteBuf part = from.readInbound(); part != null; part = from.readInbound()) {
      all.writeBytes(part);
      part.release();
    }
    return ByteBufUtil.hexDump(all);
  }

  private static ByteBuf sent(EmbeddedChannel from) {
    var all = Unpooled.buffer();
    for (ByteBuf part = from.readOutbound(); part != null; part = from.readOutbound()) {
      all.writeBytes(part);
      part.release();
    }
    return all;
  }

  @Property(tries = 200)
  @Label("what a client writes arrives, whatever pieces it comes in, and the other way round")
  void bytesPass(
      @ForAll @Size(min = 1, max = 6) List<@Size(max = 400) byte[]> writes,
      @ForAll @IntRange(min = 1, max = 70) int piece) {
    var fresh = new WebSocketBytesTest();
    assertPasses(writes, piece, fresh.client, fresh.server);
    assertPasses(writes, piece, fresh.server, fresh.client);
  }

  private static void assertPasses(
      List<byte[]> writes, int piece, EmbeddedChannel from, EmbeddedChannel to) {
    var expected = Unpooled.buffer();
    for (byte[] bytes : writes) {
      expected.writeBytes(bytes);
      from.writeOneOutbound(Unpooled.wrappedBuffer(bytes));
      if (bytes.length % 2 == 0) {
        from.flushOutbound();
      }
    }
    from.flushOutbound();
    var wire = sent(from);
    while (wire.isReadable()) {
      to.writeInbound(wire.readBytes(Math.min(piece, wire.readableBytes())));
    }
    assertThat(taken(to)).isEqualTo(ByteBufUtil.hexDump(expected));
  }

  @Test
  void longFramesHaveLongLengths() {
    for (int length : new int[] {125, 126, 0xFFFF, 0x10000, 300_000}) {
      assertPasses(List.of(new byte[length]), 1_000, client, server);
      assertPasses(List.of(new byte[length]), 1_000, server, client);
    }
  }

  @Test
  void whatIsFlushedTogetherIsOneFrame() {
    server.writeOneOutbound(Unpooled.copiedBuffer(new byte[] {'h', 'e'}));
    server.writeOneOutbound(Unpooled.copiedBuffer(new byte[] {'l', 'l', 'o'}));
    server.flushOutbound();

    assertThat(ByteBufUtil.hexDump(sent(server))).isEqualTo(UNMASKED_HELLO);
  }

  @Test
  void textIsAsGoodAsBinaryAndNobodyLooksWhetherItIsAny() {
    server.writeInbound(hex("818200000000c328"));

    assertThat(taken(server)).isEqualTo("c328");
  }

  @Test
  void aMessageMayHaveManyFramesAndPingsBetweenThem() {
    server.writeInbound(hex("018100000000aa" + "898100000000ff" + "808100000000bb"));

    assertThat(taken(server)).isEqualTo("aabb");
    assertThat(ByteBufUtil.hexDump(sent(server))).isEqualTo("8a01ff");
  }

  /** Of a frame of 2^62 bytes what has come is handed on, and nothing is kept for it. */
  @Test
  void aFrameThatNeverEndsIsPassedOnAsItComes() {
    server.writeInbound(hex("82ff400000000000000000000000" + "010203"));
    assertThat(taken(server)).isEqualTo("010203");

    server.writeInbound(hex("0405"));
    assertThat(taken(server)).isEqualTo("0405");
  }

  /** A byte handed on by itself costs its reader as much as ten thousand at once. */
  @Test
  void shortFramesOfOneReadAreHandedOnTogether() {
    server.writeInbound(
        hex("828100000000aa".repeat(500) + "898000000000" + "828300000000bbccdd".repeat(500)));

    assertThat(server.inboundMessages()).hasSize(1);
    assertThat(taken(server)).isEqualTo("aa".repeat(500) + "bbccdd".repeat(500));
  }

  @Test
  void whatComesBeforeAnEndOrAMistakeIsHandedOn() {
    server.writeInbound(hex("828100000000aa" + "828100000000bb" + "888000000000"));
    assertThat(taken(server)).isEqualTo("aabb");

    var other = server(new Failures());
    other.writeInbound(hex("828100000000aa" + "828100000000bb" + "8201cc"));
    assertThat(taken(other)).isEqualTo("aabb");
    assertThat(other.isOpen()).isFalse();
  }

  @Test
  void theOtherSidesCloseIsTheEnd() {
    server.writeInbound(hex("888000000000" + "828100000000aa"));

    assertThat(server.isOpen()).isFalse();
    assertThat(taken(server)).isEmpty();
    assertThat(ByteBufUtil.hexDump(sent(server))).isEqualTo("880203e9");
  }

  @ParameterizedTest
  @CsvSource({
    "not masked, 8201aa",
    "a reserved bit, c28100000000aa",
    "an unknown kind, 838100000000aa",
    "an unknown kind of control, 8b8000000000",
    "a control frame in parts, 098000000000",
    "a long control frame, 89fe007e00000000",
    "a length longer than needed, 82fe007d00000000",
    "one much longer than needed, 82ff000000000000ffff00000000",
    "a negative length, 82ff800000000000000000000000",
    "a message within another, 018100000000aa018100000000aa",
    "a continuation of nothing, 808100000000aa"
  })
  void whatIsNoFrameEndsTheConnection(String what, String bytes) {
    server.writeInbound(hex(bytes));

    assertThat(server.isOpen()).as(what).isFalse();
    assertThat(failures.last).isInstanceOf(TunnelException.class);
  }

  @ParameterizedTest
  @CsvSource({"pings, 898000000000", "data that is none, 828000000000"})
  void aFloodOfEmptyFramesEndsTheConnection(String what, String frame) {
    for (int i = 0; i < 1_000 && server.isOpen(); i++) {
      server.writeInbound(hex(frame));
    }

    assertThat(server.isOpen()).as(what).isFalse();
  }

  @Test
  void whatIsNotSentYetIsReleasedAtTheEnd() {
    var bytes = Unpooled.buffer().writeByte(1);
    var write = server.write(bytes);

    server.close();

    assertThat(write.cause()).isNotNull();
    assertThat(bytes.refCnt()).isZero();
  }

  /** Two thousand frames of one read would else be two thousand refusals in the log. */
  @Test
  void nothingIsHandedOnToWhoeverHasClosed() {
    server
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object msg) {
                ctx.fireChannelRead(msg);
                ctx.close();
              }
            });

    var large = "82fe040000000000" + "aa".repeat(1_024);
    server.writeInbound(hex(large + large));

    assertThat(taken(server)).isEqualTo("aa".repeat(1_024));
  }
}
