// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.v2;

import static io.github.harp.tunnel.frp.Bytes.hex;
import static io.github.harp.tunnel.frp.Bytes.inbound;
import static io.github.harp.tunnel.frp.Bytes.outbound;
import static io.github.harp.tunnel.frp.Bytes.split;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AeadCipherTest {

  private static final byte[] KEY =
      HexFormat.of().parseHex("c35dffdfa348d68a1e5099de3027c78c2bebeb88aec19824ee70ba1b54ba3a05");
  private static final String STREAM =
      "a0a1a2a3a4a5a6a7a8a9aaab 00000018 b1400a4b475dff949aeca01511a37b077ab54b4dade688bd"
          + " 00000014 7072f060237a3b7570136187d509056b64eff5b6";

  @Property(tries = 30)
  void opensTheRecordsOfTheDocument(@ForAll long seed) {
    var channel = new EmbeddedChannel(new AeadCipher(true, KEY, KEY));
    split(hex(STREAM), seed).forEach(channel::writeInbound);
    assertThat(hex(inbound(channel))).isEqualTo("001000000000000400077b7d");
  }

  @Test
  void sealsTheRecordsOfTheDocument() throws Exception {
    var records = new AeadRecords(KEY, HexFormat.of().parseHex("a0a1a2a3a4a5a6a7a8a9aaab"));
    assertThat(HexFormat.of().formatHex(records.seal(HexFormat.of().parseHex("0010000000000004"))))
        .isEqualTo("b1400a4b475dff949aeca01511a37b077ab54b4dade688bd");
    assertThat(HexFormat.of().formatHex(records.seal(HexFormat.of().parseHex("00077b7d"))))
        .isEqualTo("7072f060237a3b7570136187d509056b64eff5b6");
  }

  @Property(tries = 40)
  void everyByteArrivesHoweverTheStreamIsCut(
      @ForAll @IntRange(max = 200_000) int length, @ForAll long seed) {
    var payload = new byte[length];
    new java.util.Random(seed).nextBytes(payload);
    var writer = new EmbeddedChannel(new AeadCipher(true, new byte[32], KEY));
    split(Unpooled.copiedBuffer(payload), seed).forEach(writer::writeOutbound);
    var reader = new EmbeddedChannel(new AeadCipher(true, KEY, new byte[32]));
    split(outbound(writer), seed + 1).forEach(reader::writeInbound);

    var arrived = inbound(reader);
    assertThat(Arrays.equals(ByteBufUtil.getBytes(arrived), payload)).isTrue();
    arrived.release();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a0a1a2a3a4a5a6a7a8a9aaab 0000000f",
        "a0a1a2a3a4a5a6a7a8a9aaab 00010011",
        "a0a1a2a3a4a5a6a7a8a9aaab ffffffff",
        "a0a1a2a3a4a5a6a7a8a9aaab 00000018 b0400a4b475dff949aeca01511a37b077ab54b4dade688bd"
      })
  void refusesAHostileRecord(String stream) {
    var channel = new EmbeddedChannel(new AeadCipher(true, KEY, KEY));
    assertThatThrownBy(() -> channel.writeInbound(hex(stream)))
        .isInstanceOf(DecoderException.class);
    channel.finishAndReleaseAll();
  }

  /** An empty record is no message, so that nothing else would ever count it. */
  @ParameterizedTest
  @ValueSource(ints = {0, 8, 63})
  void smallRecordsWithoutEndAreTooMany(int bytes) throws Exception {
    var server = new EmbeddedChannel(new AeadCipher(true, KEY, KEY));
    server.freezeTime();

    assertThatThrownBy(() -> server.writeInbound(records(10_000, bytes)))
        .isInstanceOf(DecoderException.class)
        .hasMessageContaining("too many small");
    server.finishAndReleaseAll();
  }

  @Test
  void recordsOfSomeSizeMayBeMany() throws Exception {
    var server = new EmbeddedChannel(new AeadCipher(true, KEY, KEY));
    server.freezeTime();

    server.writeInbound(records(10_000, 64));

    assertThat(inbound(server).readableBytes()).isEqualTo(640_000);
  }

  /** A thousand users at once are as many short words to the client whose service they want. */
  @Test
  void aServerMaySayAsManyAsItHasToSay() throws Exception {
    var client = new EmbeddedChannel(new AeadCipher(false, KEY, KEY));
    client.freezeTime();

    client.writeInbound(records(10_000, 12));

    assertThat(inbound(client).readableBytes()).isEqualTo(120_000);
  }

  private static ByteBuf records(int count, int bytes) throws Exception {
    var nonce = new byte[AeadRecords.NONCE_BYTES];
    var records = new AeadRecords(KEY, nonce);
    var all = Unpooled.buffer().writeBytes(nonce);
    for (int i = 0; i < count; i++) {
      var sealed = records.seal(new byte[bytes]);
      all.writeInt(sealed.length).writeBytes(sealed);
    }
    return all;
  }
}
