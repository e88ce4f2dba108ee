// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.proxy.budget.Footprint;
import io.github.harp.proxy.loop.FatalErrors;
import io.github.harp.proxy.loop.Turns;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What has come of a head or of trailers is kept, and counts, until they are whole. */
class UnfinishedAnswersTest {

  private final EmbeddedChannel timer = new EmbeddedChannel();
  private final AnswerDecoder decoder =
      new AnswerDecoder(new Turns(timer.eventLoop(), new FatalErrors(error -> {})));
  private final EmbeddedChannel channel = new EmbeddedChannel(decoder);

  private void comes(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
    timer.finishAndReleaseAll();
  }

  @Test
  @DisplayName("S1: half a head counts until it is whole")
  void head() {
    comes("HTTP/1.1 200 OK\r\n" + "x: yyyyyyy\r\n".repeat(100) + "x: ");
    assertThat(decoder.unfinishedBytes()).isGreaterThan(100 * (12 + Footprint.HEADER));
    comes("y\r\ncontent-length: 2\r\n\r\n");
    assertThat(decoder.unfinishedBytes()).isZero();
    comes("ok");
    assertThat(decoder.unfinishedBytes()).isZero();
  }

  @Test
  @DisplayName("S1: half of the trailers count until they are whole")
  void trailers() {
    comes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n");
    assertThat(decoder.unfinishedBytes()).isLessThan(1_000);
    comes("0\r\n" + "x: yyyyyyy\r\n".repeat(100));
    assertThat(decoder.unfinishedBytes()).isGreaterThan(100 * (12 + Footprint.HEADER));
    comes("\r\n");
    assertThat(decoder.unfinishedBytes()).isZero();
  }

  @Test
  @DisplayName("S1: no more is asked for of a head that is to wait")
  void paused() {
    var reads = new AtomicInteger();
    channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void read(ChannelHandlerContext ctx) {
                reads.incrementAndGet();
              }
            });
    channel.config().setAutoRead(false);
    comes("HTTP/1.1 200 OK\r\nx: ");
    assertThat(reads).hasValue(0);
  }

  @Test
  @DisplayName("S1: a head of very many lines ends before its last one")
  void lines() {
    assertThatThrownBy(() -> comes("HTTP/1.1 200 OK\r\n" + "x:\r\n".repeat(600)))
        .isInstanceOf(TooLongHttpHeaderException.class);
  }
}
