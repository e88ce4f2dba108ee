// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.stream.HeldBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A stream on the event loop on which it is wanted, so that nothing is between the two. */
class DepartureTest {

  private final EmbeddedChannel stream = new EmbeddedChannel();
  private final Departure departure =
      new Departure(
          "service",
          stream.eventLoop(),
          Duration.ofSeconds(1),
          HeldBytes.limitedTo(1 << 20),
          () -> {});

  @Test
  void whatComesWithTheAnswerAndAfterItWaitsForWhoeverReads() {
    stream.pipeline().addLast(departure);

    stream.writeInbound(Unpooled.copiedBuffer("\0he", US_ASCII));
    stream.writeInbound(Unpooled.copiedBuffer("llo", US_ASCII));

    assertThat(departure.connected().getNow()).isSameAs(stream);
    assertThat(stream.inboundMessages()).isEmpty();

    stream.config().setAutoRead(true);
    ByteBuf heard = stream.readInbound();
    assertThat(heard.toString(US_ASCII)).isEqualTo("hello");
    heard.release();
    stream.finish();
  }
}
