// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.stream;

import static io.github.harp.tunnel.frp.Bytes.inbound;
import static io.github.harp.tunnel.frp.Bytes.outbound;
import static io.github.harp.tunnel.frp.Bytes.split;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CfbCipherTest {

  private static final byte[] IV = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
  private static final List<String> PLAIN =
      List.of(
          "7200000000000000027b7d",
          "3400000000000000027b7d",
          "70000000000000003b"
              + HexFormat.of()
                  .formatHex(
                      "{\"proxy_name\":\"app\",\"proxy_type\":\"tcp\",\"remote_port\":23000}"
                          .getBytes(UTF_8)));

  @Test
  void derivesTheKeysOfTheDocument() {
    assertThat(CfbCipher.deriveKey(""))
        .asHexString()
        .isEqualToIgnoringCase("cdc9dc4c472c37331281df4c232a8407");
    assertThat(CfbCipher.deriveKey("12345678"))
        .asHexString()
        .isEqualToIgnoringCase("b7eac3f66310824c114f56f8274fdfea");
    assertThat(CfbCipher.deriveKey("abcdefg"))
        .asHexString()
        .isEqualToIgnoringCase("737f91adb7287dae741a69429eb6dbad");
  }

  @Test
  void encryptsTheMessagesOfTheDocumentInARow() {
    assertThat(encrypted("12345678"))
        .containsExactly(
            "5e98a24026e4cf47613434",
            "ea3402bd6e9c748e08a532",
            "7fac32bb65fdeebf2502a80b1b2a381ca00bce1ef63f7ef6f5684c91eb05297b76279616803ffc527855c5a1ba8f9c67"
                + "0c314098d83032013c266efc326244462fe85f25");
    assertThat(encrypted(""))
        .containsExactly(
            "8b30610abcb682c5556510",
            "0804400c67e6314b54130f",
            "2bee39255182717a9a2098cb910a8799cea8a63ab8d526631b15f69349da90c84be755ff5dbffb42db86066e7389282251f4ed44"
                + "bb6375471306ddaefcf38c8a1d5de5bb");
  }

  @Test
  void decryptsTheProbeOfTheDocument() {
    var stream = new CfbStream(CfbCipher.deriveKey("abcdefg"), IV);
    var data =
        HexFormat.of()
            .parseHex(
                "a7eb685d169ff8bf85d4f1f6ea1e68753723767826fea7f6d676b67a4fe0dcff"
                    + "e500490b9feaf5a8fb18560360f9ed193d85de3e75a70ceffe16c02be37ad49827a4314f752334b1d58bb3494f4aa326"
                    + "fb7b9d2270992619b6f4dc4cb047431303d1eebf6cd1292383");
    stream.decrypt(data, 0, data.length);
    assertThat(new String(data, 9, data.length - 9, UTF_8))
        .isEqualTo(
            "{\"transaction_id\":\"1700000000aabbccddeeff0011\",\"sid\":\"17000000000123456789abcdef\",\"nonce\":\"000\"}");
  }

  @Property(tries = 200)
  void everyByteArrivesHoweverTheStreamIsCut(
      @ForAll @Size(max = 3000) byte[] payload, @ForAll long seed) {
    var writer = new EmbeddedChannel(CfbCipher.forToken("t"));
    split(Unpooled.copiedBuffer(payload), seed).forEach(writer::writeOutbound);
    var wire = outbound(writer);
    assertThat(wire.readableBytes()).isEqualTo(payload.length == 0 ? 0 : 16 + payload.length);
    var reader = new EmbeddedChannel(CfbCipher.forToken("t"));
    split(wire, seed + 1).forEach(reader::writeInbound);

    var arrived = inbound(reader);
    assertThat(ByteBufUtil.getBytes(arrived)).isEqualTo(payload);
    arrived.release();
  }

  @Test
  void aByteThatCanBeDecryptedIsNotHeldBack() {
    var writer = new EmbeddedChannel(CfbCipher.forToken(""));
    var reader = new EmbeddedChannel(CfbCipher.forToken(""));
    for (var letter : List.of("a", "b")) {
      writer.writeOutbound(Unpooled.copiedBuffer(letter, UTF_8));
      reader.writeInbound(outbound(writer));
      assertThat(inbound(reader).toString(UTF_8)).isEqualTo(letter);
    }
  }

  @Test
  void sendsNoIvBeforeThereIsSomethingToSay() {
    var channel = new EmbeddedChannel(CfbCipher.forToken(""));
    channel.writeOutbound(Unpooled.EMPTY_BUFFER);
    assertThat(outbound(channel).readableBytes()).isZero();
  }

  private static List<String> encrypted(String token) {
    var stream = new CfbStream(CfbCipher.deriveKey(token), IV);
    var result = new ArrayList<String>();
    for (var plain : PLAIN) {
      var data = HexFormat.of().parseHex(plain);
      stream.encrypt(data, 0, data.length);
      result.add(HexFormat.of().formatHex(data));
    }
    return result;
  }
}
