// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Bytes over a socket, and as much HTTP as is needed to look at them. Latin-1 throughout. */
public final class RawConnection implements Closeable {

  private static final int READ_TIMEOUT_MILLIS = 60_000;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  public RawConnection(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(READ_TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    this.in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
    this.out = socket.getOutputStream();
  }

  public static RawConnection to(InetSocketAddress address) throws IOException {
    return new RawConnection(new Socket(InetAddress.getLoopbackAddress(), address.getPort()));
  }

  public Socket socket() {
    return socket;
  }

  public InputStream in() {
    return in;
  }

  public OutputStream out() {
    return out;
  }

  public RawConnection send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public RawConnection send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return this;
  }

  /** A start line and headers, as sent. */
  public record Head(String startLine, List<String> lines) {

    public int status() {
      return Integer.parseInt(startLine.split(" ")[1]);
    }

    public String target() {
      return startLine.split(" ")[1];
    }

    public List<String> all(String name) {
      var values = new ArrayList<String>();
      for (var line : lines) {
        int colon = line.indexOf(':');
        if (line.substring(0, colon).equalsIgnoreCase(name)) {
          values.add(line.substring(colon + 1).trim());
        }
      }
      return values;
    }

    /** But for what the request is called, which is another each time. */
    public List<String> linesButItsId() {
      return lines.stream().filter(line -> !line.startsWith("x-request-id: ")).toList();
    }

    /** Null without it. */
    public String get(String name) {
      var values = all(name);
      return values.isEmpty() ? null : values.get(values.size() - 1);
    }
  }

  /** A whole message. */
  public record Message(Head head, byte[] body, List<String> trailers) {

    public int status() {
      return head.status();
    }

    public String text() {
      return new String(body, StandardCharsets.ISO_8859_1);
    }
  }

  /** One line without its CRLF. */
  public String readLine() throws IOException {
    var line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("end after '" + line + "'");
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  public Head readHead() throws IOException {
    var start = readLine();
    var lines = new ArrayList<String>();
    for (var line = readLine(); !line.isEmpty(); line = readLine()) {
      lines.add(line);
    }
    return new Head(start, lines);
  }

  public String readChunk() throws IOException {
    int size = Integer.parseInt(readLine().split(";")[0].trim(), 16);
    var chunk = new String(in.readNBytes(size), StandardCharsets.ISO_8859_1);
    readLine();
    return chunk;
  }

  public Message readRequest() throws IOException {
    return readMessage(false);
  }

  public Message readResponse() throws IOException {
    return readMessage(true);
  }

  /** The answer to HEAD. */
  public Message readHeadResponse() throws IOException {
    return new Message(readHead(), new byte[0], List.of());
  }

  private Message readMessage(boolean isResponse) throws IOException {
    var head = readHead();
    var trailers = new ArrayList<String>();
    byte[] body;
    if ("chunked".equalsIgnoreCase(head.get("transfer-encoding"))) {
      var bytes = new ByteArrayOutputStream();
      for (int size = chunkSize(); size > 0; size = chunkSize()) {
        bytes.write(readFully(size));
        readLine();
      }
      for (var line = readLine(); !line.isEmpty(); line = readLine()) {
        trailers.add(line);
      }
      body = bytes.toByteArray();
    } else if (head.get("content-length") != null) {
      body = readFully(Integer.parseInt(head.get("content-length")));
    } else if (isResponse && head.status() >= 200 && head.status() != 204 && head.status() != 304) {
      body = in.readAllBytes();
    } else {
      body = new byte[0];
    }
    return new Message(head, body, trailers);
  }

  private int chunkSize() throws IOException {
    return Integer.parseInt(readLine().split(";")[0].trim(), 16);
  }

  private byte[] readFully(int size) throws IOException {
    var bytes = in.readNBytes(size);
    if (bytes.length < size) {
      throw new EOFException("end after " + bytes.length + " of " + size + " bytes");
    }
    return bytes;
  }

  /** Everything until the other side closes or resets. */
  public String readToEnd() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try {
      in.transferTo(bytes);
    } catch (java.net.SocketException reset) {
      bytes.write("<reset>".getBytes(StandardCharsets.ISO_8859_1));
    }
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }

  /** Closes so that the other side sees a reset. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
