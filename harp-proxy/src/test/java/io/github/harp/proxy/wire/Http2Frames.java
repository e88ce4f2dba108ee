// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** HTTP/2 by hand, for what no client would send; HPACK without a table. */
final class Http2Frames {

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int END_STREAM = 0x1;
  static final int END_HEADERS = 0x4;

  /** What has come. */
  record Frame(int type, int flags, int stream, byte[] payload) {}

  private final RawConnection connection;
  private final DataInputStream in;

  /** Begins a connection. */
  Http2Frames(RawConnection connection) throws Exception {
    this.connection = connection;
    connection.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").send(frame(SETTINGS, 0, 0, new byte[0]));
    in = new DataInputStream(connection.in());
  }

  Http2Frames send(byte[] frames) throws Exception {
    connection.send(frames);
    return this;
  }

  Http2Frames send(int type, int flags, int stream, byte[] payload) throws Exception {
    return send(frame(type, flags, stream, payload));
  }

  Frame next() throws IOException {
    int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
    return new Frame(
        in.readUnsignedByte(), in.readUnsignedByte(), in.readInt(), in.readNBytes(length));
  }

  static byte[] frame(int type, int flags, int stream, byte[] payload) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeByte(payload.length >> 16);
    out.writeShort(payload.length);
    out.writeByte(type);
    out.writeByte(flags);
    out.writeInt(stream);
    out.write(payload);
    return bytes.toByteArray();
  }

  /** The head of a request, with names and values in turn behind it. */
  static byte[] head(String method, String path, String... more) {
    var block = new ByteArrayOutputStream();
    header(block, ":method", method);
    header(block, ":scheme", "http");
    header(block, ":authority", "h");
    header(block, ":path", path);
    for (int i = 0; i < more.length; i += 2) {
      header(block, more[i], more[i + 1]);
    }
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
