// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.v2;

import static io.github.harp.tunnel.frp.Bytes.hex;
import static io.github.harp.tunnel.frp.Bytes.split;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.frp.Message;
import io.github.harp.tunnel.frp.MessageCodec;
import io.github.harp.tunnel.frp.ServerMessage;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireDetectorTest {

  @Property(tries = 50)
  void recognisesTheMagicOfWireProtocol2(@ForAll long seed) {
    var channel = new EmbeddedChannel(new WireDetector(10_240));
    split(hex("46525000020d0a 0010000000000004 0007 7b7d"), seed).forEach(channel::writeInbound);

    assertThat(channel.<Message>readInbound()).isEqualTo(new ServerMessage.ReqWorkConn());
    assertThat(channel.pipeline().get(MessageCodec.class).wire()).isEqualTo(WireProtocol.V2);
  }

  @Property(tries = 50)
  void takesEverythingElseForWireProtocol1(@ForAll long seed) {
    var channel = new EmbeddedChannel(new WireDetector(10_240));
    split(hex("7200000000000000027b7d"), seed).forEach(channel::writeInbound);

    assertThat(channel.<Message>readInbound()).isEqualTo(new ServerMessage.ReqWorkConn());
    assertThat(channel.pipeline().get(MessageCodec.class).wire()).isEqualTo(WireProtocol.V1);
  }

  /** What is not complete must not keep the receive buffer that it was cut from. */
  @ParameterizedTest
  @ValueSource(strings = {"46", "72", "46525000020d0a0010", "720000000000"})
  void keepsOfAReceiveBufferWhatIsNotComplete(String begin) {
    var channel = new EmbeddedChannel(new WireDetector(10_240));
    var received = Unpooled.buffer(65_536).writeBytes(hex(begin));
    var slice = received.readRetainedSlice(received.readableBytes());

    channel.writeInbound(slice);

    assertThat(received.refCnt()).isEqualTo(1);
    received.release();
    channel.finishAndReleaseAll();
  }

  @ParameterizedTest
  @ValueSource(strings = {"720000000000001001", "46525000020d0a0010000000001001"})
  void refusesMoreThanWhatComesOnSuchAStream(String begin) {
    var channel = new EmbeddedChannel(new WireDetector(4_096));
    assertThatThrownBy(() -> channel.writeInbound(hex(begin)))
        .isInstanceOf(TooLongFrameException.class);
    channel.finishAndReleaseAll();
  }

  @Test
  void refusesAMagicThatEndsDifferently() {
    var channel = new EmbeddedChannel(new WireDetector(10_240));
    channel.writeInbound(hex("465250"));
    assertThatThrownBy(() -> channel.writeInbound(hex("0003")))
        .isInstanceOf(DecoderException.class);
  }
}
