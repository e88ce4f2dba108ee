// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One TCP connection, byte by byte: sends what no HTTP client would. */
final class Wire implements AutoCloseable {

  private static final int TIMEOUT_MILLIS = 30_000;

  private final Socket socket = new Socket();
  private final InputStream in;

  Wire(int port) {
    this(port, Duration.ofMillis(TIMEOUT_MILLIS));
  }

  /** One that waits for answers that take their time. */
  Wire(int port, Duration patience) {
    this(new InetSocketAddress("127.0.0.1", port), patience);
  }

  Wire(InetSocketAddress server, Duration patience) {
    try {
      socket.connect(server, TIMEOUT_MILLIS);
      socket.setSoTimeout((int) patience.toMillis());
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Sends these characters as bytes. */
  Wire send(String latin1) {
    return send(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  Wire send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException closedByPeer) {
      // What matters is what can still be read.
      return this;
    }
    return this;
  }

  /** Reads the next answer; interim ones (1xx but 101) are skipped. */
  Answer answer() {
    try {
      var head = head();
      while (head.get(0).contains(" 1") && head.get(0).split(" ")[1].matches("10[02-9]")) {
        head = head();
      }
      return body(head);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Reads as many bytes as this text has. */
  String read(int length) {
    try {
      return new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Reads to the end and keeps nothing; how many bytes there were. */
  long skipToEnd() {
    try {
      return in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Whether the connection ends without one more byte. */
  boolean endsSilently() {
    try {
      return in.read() < 0;
    } catch (SocketTimeoutException stillOpen) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  /** Closes with a reset, as a vanishing client does. */
  void reset() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private List<String> head() throws IOException {
    return HeadReader.read(in)
        .orElseThrow(() -> new IOException("the connection was closed without an answer"));
  }

  private Answer body(List<String> head) throws IOException {
    var status = Integer.parseInt(head.get(0).split(" ")[1]);
    var lengths = Headers.valuesOf(head, "content-length");
    if (status == 101 || status == 204 || status == 304) {
      return new Answer(head, new byte[0], true);
    } else if (Headers.valuesOf(head, "transfer-encoding").contains("chunked")) {
      return chunked(head);
    } else if (lengths.isEmpty()) {
      return new Answer(head, in.readAllBytes(), true);
    }
    var length = Integer.parseInt(lengths.get(0));
    var bytes = readUpTo(length);
    return new Answer(head, bytes, bytes.length == length);
  }

  private byte[] readUpTo(int length) {
    var bytes = new ByteArrayOutputStream();
    try {
      for (int next = 0; bytes.size() < length && (next = in.read()) >= 0; ) {
        bytes.write(next);
      }
    } catch (IOException cut) {
      return bytes.toByteArray();
    }
    return bytes.toByteArray();
  }

  private Answer chunked(List<String> head) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try {
      for (var size = HeadReader.line(in); size != null; size = HeadReader.line(in)) {
        var length = Integer.parseInt(size.split(";")[0].strip(), 16);
        if (length == 0) {
          for (var line = HeadReader.line(in); line != null; line = HeadReader.line(in)) {
            if (line.isEmpty()) {
              return new Answer(head, bytes.toByteArray(), true);
            }
          }
          break;
        }
        bytes.write(readUpTo(length));
        HeadReader.line(in);
      }
    } catch (IOException cut) {
      return new Answer(head, bytes.toByteArray(), false);
    }
    return new Answer(head, bytes.toByteArray(), false);
  }

  /** A request without a body and its headers, ready to be sent. */
  static String request(String method, String target, List<String> headers) {
    var lines = new ArrayList<String>();
    lines.add(method + " " + target + " HTTP/1.1");
    lines.add("Host: cloud.example.com");
    lines.addAll(headers);
    return String.join("\r\n", lines) + "\r\n\r\n";
  }
}
