// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.stream;

import static io.github.harp.tunnel.frp.Bytes.hex;
import static io.github.harp.tunnel.frp.Bytes.inbound;
import static io.github.harp.tunnel.frp.Bytes.outbound;
import static io.github.harp.tunnel.frp.Bytes.split;
import static io.github.harp.tunnel.frp.Bytes.written;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnappyStreamTest {

  private static final String IDENTIFIER = "ff060000734e61507059";

  @Test
  void everyWriteBecomesAChunkAtOnce() {
    var channel = new EmbeddedChannel(new SnappyStream());
    channel.writeOutbound(Unpooled.copiedBuffer("hello", UTF_8));
    assertThat(written(channel)).isEqualTo(IDENTIFIER + "01090000bb1f1c1968656c6c6f");
    channel.writeOutbound(Unpooled.copiedBuffer("world", UTF_8));
    assertThat(written(channel)).isEqualTo("010900002d4e1fa5776f726c64");
    channel.writeOutbound(Unpooled.copiedBuffer("a".repeat(64), UTF_8));
    assertThat(written(channel)).startsWith("00").contains("355ae97e");
  }

  @Property(tries = 30)
  void readsTheChunksOfTheDocument(@ForAll long seed) {
    var channel = new EmbeddedChannel(new SnappyStream());
    split(
            hex(
                IDENTIFIER
                    + "01090000 bb1f1c19 68656c6c6f  01090000 2d4e1fa5 776f726c64"
                    + "80030000 aabbcc  fe000000  000a0000 355ae97e 400061fa0100"),
            seed)
        .forEach(channel::writeInbound);
    assertThat(inbound(channel).toString(UTF_8)).isEqualTo("helloworld" + "a".repeat(64));
  }

  @Property(tries = 60)
  void everyByteArrivesHoweverTheStreamIsCut(
      @ForAll @IntRange(max = 300_000) int length,
      @ForAll @IntRange(max = 255) int variety,
      @ForAll long seed) {
    var payload = new byte[length];
    var random = new Random(seed);
    for (int i = 0; i < length; i++) {
      payload[i] = (byte) random.nextInt(variety + 1);
    }
    var writer = new EmbeddedChannel(new SnappyStream());
    split(Unpooled.copiedBuffer(payload), seed).forEach(writer::writeOutbound);
    var reader = new EmbeddedChannel(new SnappyStream());
    split(outbound(writer), seed + 1).forEach(reader::writeInbound);

    var arrived = inbound(reader);
    assertThat(Arrays.equals(ByteBufUtil.getBytes(arrived), payload)).isTrue();
    arrived.release();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01090000bb1f1c1968656c6c6f", // no identifier
        "ff060000734e61507058", // another identifier
        "ff07000073", // identifier of another length
        IDENTIFIER + "00ffffff", // 16 MiB compressed
        IDENTIFIER + "01ffffff", // 16 MiB uncompressed
        IDENTIFIER + "01030000", // no room for a checksum
        IDENTIFIER + "02050000", // reserved, must not be skipped
        IDENTIFIER + "01090000bb1f1c1868656c6c6f", // wrong checksum
        IDENTIFIER + "00090000 00000000 ffffffff0f", // announces 4 GiB
        IDENTIFIER + "00090000 00000000 8180040061", // announces 65537
        IDENTIFIER + "000a0000 355ae97e 400061fe0100", // decompresses to something else
      })
  void refusesAHostileChunkBeforeKeepingIt(String stream) {
    var channel = new EmbeddedChannel(new SnappyStream());
    assertThatThrownBy(() -> channel.writeInbound(hex(stream)))
        .isInstanceOf(DecoderException.class);
    channel.finishAndReleaseAll();
  }

  @Property(tries = 300)
  void survivesAnyBlock(@ForAll @Size(max = 60) byte[] block) {
    var chunk =
        Unpooled.buffer().writeBytes(hex(IDENTIFIER)).writeByte(0).writeMediumLE(4 + block.length);
    chunk.writeIntLE(0).writeBytes(block);
    var channel = new EmbeddedChannel(new SnappyStream());
    try {
      channel.writeInbound(chunk);
    } catch (DecoderException expected) {
      assertThat(expected.getMessage()).isNotBlank();
    }
    channel.finishAndReleaseAll();
  }
}
