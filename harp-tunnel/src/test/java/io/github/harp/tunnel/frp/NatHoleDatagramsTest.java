// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.frp.Message.NatHoleSid;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class NatHoleDatagramsTest {

  private static final NatHoleSid QUESTION =
      new NatHoleSid("1700000000aabbccddeeff0011", "17000000000123456789abcdef", false, "000");

  private final NatHoleDatagrams datagrams = new NatHoleDatagrams("abcdefg");

  @Test
  void readsTheDatagramOfTheDocument() {
    var datagram =
        HexFormat.of()
            .parseHex(
                "000102030405060708090a0b0c0d0e0fa7eb685d169ff8bf85d4f1f6ea1e68753723767826fea7f6d676b67a"
                    + "4fe0dcffe500490b9feaf5a8fb18560360f9ed193d85de3e75a70ceffe16c02be37ad49827a4314f75"
                    + "2334b1d58bb3494f4aa326fb7b9d2270992619b6f4dc4cb047431303d1eebf6cd1292383");

    assertThat(datagrams.read(Unpooled.wrappedBuffer(datagram))).contains(QUESTION);
  }

  @Test
  void readsWhatItWritesAndNobodyElseDoes() {
    assertThat(datagrams.read(datagrams.write(QUESTION))).contains(QUESTION);
    assertThat(new NatHoleDatagrams("another").read(datagrams.write(QUESTION))).isEmpty();
  }

  @Test
  void twoDatagramsAreNeverTheSame() {
    assertThat(datagrams.write(QUESTION)).isNotEqualTo(datagrams.write(QUESTION));
  }

  @Property
  @Label("whatever else comes is no message")
  void anythingElseIsNoMessage(@ForAll @Size(max = 600) byte[] bytes) {
    assertThat(datagrams.read(Unpooled.wrappedBuffer(bytes))).isEmpty();
  }

  @Property
  @Label("what is cut off is no message")
  void partsAreNoMessages(@ForAll byte part) {
    var whole = datagrams.write(QUESTION);
    var length = (part & 0xff) % whole.readableBytes();

    assertThat(datagrams.read(whole.slice(0, length))).isEmpty();
  }
}
