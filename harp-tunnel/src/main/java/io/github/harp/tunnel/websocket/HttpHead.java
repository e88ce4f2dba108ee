// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.websocket;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The head of the one request, or of the one answer, that there is before the frames.
 *
 * @param headers by their names in any case; of several lines with one name all values
 */
record HttpHead(String firstLine, Map<String, String> headers) {

  private static final int MOST_BYTES = 8 * 1024;
  private static final byte[] END = {'\r', '\n', '\r', '\n'};

  /** Takes it from what has come; empty while it is not whole. */
  static Optional<HttpHead> takeFrom(ByteBuf in) throws TunnelException {
    int length = endOf(in);
    if (length > MOST_BYTES || length < 0 && in.readableBytes() >= MOST_BYTES) {
      throw malformed("its head has more than " + MOST_BYTES + " bytes");
    }
    if (length < 0) {
      return Optional.empty();
    }
    var text = in.readCharSequence(length, StandardCharsets.ISO_8859_1).toString();
    in.skipBytes(END.length);
    return Optional.of(parse(text));
  }

  private static int endOf(ByteBuf in) {
    int last = in.readerIndex() + Math.min(in.readableBytes(), MOST_BYTES + END.length);
    for (int i = in.readerIndex(); i + END.length <= last; i++) {
      int matched = 0;
      while (matched < END.length && in.getByte(i + matched) == END[matched]) {
        matched++;
      }
      if (matched == END.length) {
        return i - in.readerIndex();
      }
    }
    return -1;
  }

  private static HttpHead parse(String text) throws TunnelException {
    var lines = text.split("\r\n", -1);
    var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon < 1 || lines[i].charAt(0) <= ' ') {
        throw malformed("it has a line that is no header");
      }
      headers.merge(
          lines[i].substring(0, colon),
          lines[i].substring(colon + 1).trim(),
          (one, more) -> one + ", " + more);
    }
    return new HttpHead(lines[0], headers);
  }

  @Nullable String header(String name) {
    return headers.get(name);
  }

  private static TunnelException malformed(String how) {
    return new TunnelException(Code.PROTOCOL_VIOLATION, "not HTTP as expected: " + how);
  }
}
