// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.tunnel.TunnelException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class FrameDecoderTest {

  /** A frame in the test's own words. */
  record Frame(int type, int flags, int streamId, byte[] payload, long value) {
    void writeTo(ByteBuf out) {
      int length = type == FrameHeader.TYPE_DATA ? payload.length : (int) value;
      FrameHeader.write(out, type, flags, streamId, length);
      if (type == FrameHeader.TYPE_DATA) {
        out.writeBytes(payload);
      }
    }

    @Override
    public String toString() {
      String content =
          type == FrameHeader.TYPE_DATA ? ByteBufUtil.hexDump(payload) : Long.toString(value);
      return type + "/" + flags + "/" + streamId + ":" + content;
    }
  }

  private static final class Collector implements FrameDecoder.Sink {
    final List<String> frames = new ArrayList<>();
    private final ByteBuf payload = Unpooled.buffer();

    @Override
    public void onHeader(FrameHeader header) {
      payload.clear();
    }

    @Override
    public void onPayload(FrameHeader header, ByteBuf bytes) {
      payload.writeBytes(bytes);
      bytes.release();
    }

    @Override
    public boolean hasRoom() {
      return true;
    }

    @Override
    public void onFrameEnd(FrameHeader header) {
      byte[] data = ByteBufUtil.getBytes(payload);
      frames.add(
          new Frame(header.type(), header.flags(), header.streamId(), data, header.length())
              .toString());
    }
  }

  @Property(tries = 300)
  void framesDoNotDependOnHowTheBytesAreSplit(
      @ForAll("frames") List<Frame> frames, @ForAll("splits") List<Integer> splits)
      throws Exception {
    ByteBuf wire = Unpooled.buffer();
    frames.forEach(frame -> frame.writeTo(wire));
    Collector collected = new Collector();
    FrameDecoder decoder = new FrameDecoder(collected);

    for (int split : splits) {
      decoder.decode(wire.readSlice(Math.min(split, wire.readableBytes())));
    }
    decoder.decode(wire);

    assertThat(collected.frames).isEqualTo(frames.stream().map(Frame::toString).toList());
  }

  @Property(tries = 500)
  void arbitraryBytesEitherDecodeOrAreRefused(@ForAll byte[] bytes) {
    FrameDecoder decoder = new FrameDecoder(new Collector());
    try {
      decoder.decode(Unpooled.wrappedBuffer(bytes));
    } catch (TunnelException refused) {
      assertThat(refused.code()).isEqualTo(TunnelException.Code.PROTOCOL_VIOLATION);
    }
  }

  @Property(tries = 50)
  void aWrongVersionIsRefused(@ForAll("versions") int version) {
    ByteBuf header = Unpooled.buffer().writeByte(version).writeZero(11);

    assertThatThrownBy(() -> new FrameDecoder(new Collector()).decode(header))
        .isInstanceOf(TunnelException.class)
        .hasMessageContaining("version " + version);
  }

  @Provide
  Arbitrary<Integer> versions() {
    return Arbitraries.integers().between(1, 255);
  }

  @Provide
  Arbitrary<List<Integer>> splits() {
    return Arbitraries.integers().between(0, 40).list().ofMaxSize(60);
  }

  @Provide
  Arbitrary<List<Frame>> frames() {
    Arbitrary<byte[]> payload = Arbitraries.bytes().array(byte[].class).ofMaxSize(100);
    Arbitrary<Frame> data =
        Combinators.combine(Arbitraries.integers().between(0, 15), Arbitraries.integers(), payload)
            .as(
                (flags, id, bytes) ->
                    new Frame(FrameHeader.TYPE_DATA, flags, id, bytes, bytes.length));
    Arbitrary<Frame> other =
        Combinators.combine(
                Arbitraries.integers().between(1, 3),
                Arbitraries.integers().between(0, 15),
                Arbitraries.integers(),
                Arbitraries.longs().between(0, 0xFFFF_FFFFL))
            .as((type, flags, id, value) -> new Frame(type, flags, id, new byte[0], value));
    return Arbitraries.oneOf(data, other).list().ofMaxSize(20);
  }
}
