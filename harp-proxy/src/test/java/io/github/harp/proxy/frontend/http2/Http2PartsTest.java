// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2Stream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class Http2PartsTest {

  private final Http2Parts parts = new Http2Parts();
  private final EmbeddedChannel channel = new EmbeddedChannel(parts);

  private record Stream(int id) implements Http2FrameStream {
    @Override
    public Http2Stream.State state() {
      return Http2Stream.State.OPEN;
    }
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
    assertThat(parts.waiting()).isZero();
  }

  private void comes(int stream, String text, boolean isEnd) {
    var bytes = Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    channel
        .pipeline()
        .fireChannelRead(new DefaultHttp2DataFrame(bytes, isEnd).stream(new Stream(stream)));
  }

  private String next() {
    var frame = channel.<Http2DataFrame>readInbound();
    var text = frame.content().toString(StandardCharsets.US_ASCII);
    frame.release();
    return frame.stream().id() + text + (frame.isEndStream() ? "." : "");
  }

  @Test
  @DisplayName("S1: small frames of a stream become one for each read, and count until taken")
  void joined() {
    for (int i = 0; i < 5; i++) {
      comes(1, "a", false);
      comes(3, "b", false);
    }
    assertThat(channel.inboundMessages()).isEmpty();
    channel.pipeline().fireChannelReadComplete();
    comes(1, "a", false);
    channel.pipeline().fireChannelReadComplete();
    assertThat(parts.waiting()).isEqualTo(3);
    assertThat(next()).isEqualTo("1aaaaa");
    assertThat(parts.waiting()).isEqualTo(2);
    assertThat(next()).isEqualTo("3bbbbb");
    assertThat(next()).isEqualTo("1a");
  }

  @Test
  @DisplayName("S1: none overtakes another of its stream")
  void inOrder() {
    var large = "x".repeat(257);
    comes(1, "a", false);
    comes(3, "b", false);
    comes(1, large, false);
    comes(1, "c", true);
    comes(3, "d", false);
    channel
        .pipeline()
        .fireChannelRead(
            new DefaultHttp2HeadersFrame(new DefaultHttp2Headers(), true).stream(new Stream(3)));
    assertThat(next()).isEqualTo("1a");
    assertThat(next()).isEqualTo("1" + large);
    assertThat(next()).isEqualTo("1c.");
    assertThat(next()).isEqualTo("3bd");
    assertThat(channel.<Object>readInbound()).isInstanceOf(Http2HeadersFrame.class);
  }
}
