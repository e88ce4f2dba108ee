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
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class WireDetectorTest {

  @Property(tries = 50)
  void recognisesTheMagicOfWireProtocol2(@ForAll long seed) {
    var channel = new EmbeddedChannel(new WireDetector());
    split(hex("46525000020d0a 0010000000000004 0007 7b7d"), seed).forEach(channel::writeInbound);

    assertThat(channel.<Message>readInbound()).isEqualTo(new ServerMessage.ReqWorkConn());
    assertThat(channel.pipeline().get(MessageCodec.class).wire()).isEqualTo(WireProtocol.V2);
  }

  @Property(tries = 50)
  void takesEverythingElseForWireProtocol1(@ForAll long seed) {
    var channel = new EmbeddedChannel(new WireDetector());
    split(hex("7200000000000000027b7d"), seed).forEach(channel::writeInbound);

    assertThat(channel.<Message>readInbound()).isEqualTo(new ServerMessage.ReqWorkConn());
    assertThat(channel.pipeline().get(MessageCodec.class).wire()).isEqualTo(WireProtocol.V1);
  }

  @Test
  void refusesAMagicThatEndsDifferently() {
    var channel = new EmbeddedChannel(new WireDetector());
    channel.writeInbound(hex("465250"));
    assertThatThrownBy(() -> channel.writeInbound(hex("0003")))
        .isInstanceOf(DecoderException.class);
  }
}
