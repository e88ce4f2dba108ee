// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads lines and heads, as bytes. */
final class HeadReader {

  private HeadReader() {}

  /** The lines up to the empty one; empty when the stream ends before the first. */
  static Optional<List<String>> read(InputStream in) throws IOException {
    var lines = new ArrayList<String>();
    for (var line = line(in); line != null; line = line(in)) {
      if (line.isEmpty()) {
        return Optional.of(lines);
      }
      lines.add(line);
    }
    if (lines.isEmpty()) {
      return Optional.empty();
    }
    throw new IOException("the connection was closed within a head: " + lines);
  }

  /** The next line without its end; null at the end of the stream. */
  static String line(InputStream in) throws IOException {
    var bytes = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next == '\n') {
        var line = bytes.toString(StandardCharsets.ISO_8859_1);
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
      }
      bytes.write(next);
    }
    return null;
  }
}
