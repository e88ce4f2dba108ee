// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiveServerTest {
  private final EmbeddedChannel channel =
      new EmbeddedChannel(new HttpServerCodec(), new LiveServer());

  @AfterEach
  void release() {
    channel.finishAndReleaseAll();
  }

  @Test
  void aBodyIsSwallowedAndItsLengthComesBack() {
    send("PUT /exapps/bench-live/sink HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");

    assertThat(received()).startsWith("HTTP/1.1 200").endsWith("\r\n\r\n5\n");
  }

  @Test
  void aWebSocketMessageComesBackUnmasked() {
    send(
        "GET /exapps/bench-live/echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
    assertThat(received()).startsWith("HTTP/1.1 101");

    channel.writeInbound(
        Unpooled.wrappedBuffer(new byte[] {(byte) 0x82, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'}));

    assertThat(received()).endsWith("\u0002hi");
  }

  private void send(String request) {
    channel.writeInbound(Unpooled.copiedBuffer(request, StandardCharsets.US_ASCII));
  }

  private String received() {
    var text = new StringBuilder();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      text.append(part.toString(StandardCharsets.ISO_8859_1));
      part.release();
    }
    return text.toString();
  }
}
