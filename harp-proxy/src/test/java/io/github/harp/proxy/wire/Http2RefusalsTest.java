// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** S1: many requests of HTTP/2 that are answered before their end has been looked at. */
class Http2RefusalsTest {

  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int END_STREAM = 0x1;
  private static final int END_HEADERS = 0x4;
  private static final int AT_A_TIME = 50;
  private static final int ROUNDS = 20;

  @Test
  @DisplayName("S1: they are answered and not reset, of which a connection stands few in a while")
  void refusalsAreNoResets() throws Exception {
    try (var proxy = TestProxy.start();
        var client = proxy.connect()) {
      client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").send(frame(SETTINGS, 0, 0, new byte[0]));
      var in = new DataInputStream(client.in());
      int stream = 1;
      for (int round = 0; round < ROUNDS; round++) {
        var requests = new ByteArrayOutputStream();
        for (int i = 0; i < AT_A_TIME; i++, stream += 2) {
          requests.writeBytes(frame(HEADERS, END_STREAM | END_HEADERS, stream, head()));
        }
        client.send(requests.toByteArray());
        for (int answers = 0; answers < AT_A_TIME; ) {
          int type = typeOfNextFrame(in);
          assertThat(type).isNotEqualTo(RST_STREAM);
          answers += type == HEADERS ? 1 : 0;
        }
      }
    }
  }

  private static int typeOfNextFrame(DataInputStream in) throws IOException {
    int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
    int type = in.readUnsignedByte();
    in.skipNBytes(5 + length);
    return type;
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeByte(0);
    out.writeShort(payload.length);
    out.writeByte(type);
    out.writeByte(flags);
    out.writeInt(stream);
    out.write(payload);
    return bytes.toByteArray();
  }

  /** With the key, so that nobody is banned; literals without a place in the table. */
  private static byte[] head() {
    var block = new ByteArrayOutputStream();
    header(block, ":method", "HEAD");
    header(block, ":scheme", "http");
    header(block, ":authority", "h");
    header(block, ":path", "/nothing");
    header(block, "harp-shared-key", TestProxy.KEY);
    return block.toByteArray();
  }

  private static void header(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    for (var text : List.of(name, value)) {
      block.write(text.length());
      block.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }
  }
}
