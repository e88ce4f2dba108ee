// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.proxy.loop.FatalErrors;
import io.github.harp.proxy.loop.Turns;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AnswerDecoderTest {

  private static final String HEAD = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
  private static final String CHUNK = "1\r\nx\r\n";
  private static final int MANY = 10_000;

  private final EmbeddedChannel timer = new EmbeddedChannel();
  private final Turns turns = new Turns(timer.eventLoop(), new FatalErrors(error -> {}));
  private final AnswerDecoder decoder = new AnswerDecoder(turns);
  private final EmbeddedChannel channel = new EmbeddedChannel(decoder);
  private int parts;
  private int bytes;
  private boolean ended;

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
    timer.finishAndReleaseAll();
  }

  private void come(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    take();
  }

  private void take() {
    for (HttpObject next; (next = channel.readInbound()) != null; ) {
      assertThat(ended).as("something behind the end").isFalse();
      if (next instanceof HttpContent content && !(next instanceof HttpResponse)) {
        bytes += content.content().readableBytes();
        parts += content.content().isReadable() ? 1 : 0;
        ended = content instanceof LastHttpContent;
      }
      ReferenceCountUtil.release(next);
    }
  }

  @Test
  @DisplayName("S1: chunks of a byte are decoded a part at a time, unread meanwhile, and joined")
  void inParts() {
    come(HEAD + CHUNK.repeat(MANY) + "0\r\n\r\n");
    assertThat(bytes).isBetween(1, MANY / 2);
    assertThat(parts).isOne();
    decoder.read(channel, true);
    assertThat(channel.config().isAutoRead()).as("before its turn").isFalse();
    for (int i = 0; i < 10; i++) {
      timer.advanceTimeBy(1, TimeUnit.MILLISECONDS);
      timer.runPendingTasks();
    }
    take();
    assertThat(bytes).isEqualTo(MANY);
    assertThat(parts).isLessThan(10);
    assertThat(ended).isTrue();
    assertThat(channel.config().isAutoRead()).isTrue();
  }

  @Test
  @DisplayName("S1: whoever closes has all of it handed on, turn or not")
  void closed() {
    come(HEAD + CHUNK.repeat(MANY) + "0\r\n\r\n");
    channel.close();
    take();
    assertThat(bytes).isEqualTo(MANY);
    assertThat(ended).isTrue();
  }

  @Test
  @DisplayName("S1: a part that has come is handed on with its read")
  void atOnce() {
    come(HEAD + CHUNK + CHUNK);
    assertThat(bytes).isEqualTo(2);
    come(CHUNK);
    assertThat(bytes).isEqualTo(3);
  }
}
