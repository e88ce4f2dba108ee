// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static io.github.harp.proxy.wire.Http2Frames.END_HEADERS;
import static io.github.harp.proxy.wire.Http2Frames.END_STREAM;
import static io.github.harp.proxy.wire.Http2Frames.HEADERS;
import static io.github.harp.proxy.wire.Http2Frames.RST_STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** S1: many requests of HTTP/2 that are answered before their end has been looked at. */
class Http2RefusalsTest {

  private static final int AT_A_TIME = 50;
  private static final int ROUNDS = 20;

  @Test
  @DisplayName("S1: they are answered and not reset, of which a connection stands few in a while")
  void refusalsAreNoResets() throws Exception {
    // With the key, so that nobody is banned.
    var head = Http2Frames.head("HEAD", "/nothing", "harp-shared-key", TestProxy.KEY);
    try (var proxy = TestProxy.start();
        var client = proxy.connect()) {
      var frames = new Http2Frames(client);
      int stream = 1;
      for (int round = 0; round < ROUNDS; round++) {
        var requests = new ByteArrayOutputStream();
        for (int i = 0; i < AT_A_TIME; i++, stream += 2) {
          requests.writeBytes(Http2Frames.frame(HEADERS, END_STREAM | END_HEADERS, stream, head));
        }
        frames.send(requests.toByteArray());
        for (int answers = 0; answers < AT_A_TIME; ) {
          int type = frames.next().type();
          assertThat(type).isNotEqualTo(RST_STREAM);
          answers += type == HEADERS ? 1 : 0;
        }
      }
    }
  }
}
