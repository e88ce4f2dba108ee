// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.target;

import io.github.harp.bench.BenchException;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A blocking HTTP/1.1 connection that does as little as possible, so that the load generator costs
 * little. Interrupting the thread that uses it closes it.
 */
public final class HttpConnection implements AutoCloseable {
  private final Target target;
  private final SocketChannel channel;
  private final ByteBuffer in;

  public HttpConnection(Target target, int bufferBytes) throws IOException {
    this(target, bufferBytes, null);
  }

  /** From an address of this machine. */
  public HttpConnection(Target target, int bufferBytes, @Nullable String from) throws IOException {
    this.target = target;
    this.channel = SocketChannel.open();
    this.in = ByteBuffer.allocateDirect(bufferBytes).flip();
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    if (from != null) {
      channel.bind(new InetSocketAddress(from, 0));
    }
    channel.connect(target.address());
  }

  /** Sends a request without a body and reads the whole answer; returns the length of its body. */
  public long get(String resource) throws IOException {
    send(target.requestHead("GET", resource) + "\r\n");
    return readAnswer(200);
  }

  /**
   * Sends a body of some length, which is read from {@code content} again and again, and reads the
   * answer.
   */
  public void put(String resource, long length, ByteBuffer content) throws IOException {
    send(target.requestHead("PUT", resource) + "Content-Length: " + length + "\r\n\r\n");
    for (long left = length; left > 0; ) {
      content.clear().limit((int) Math.min(left, content.capacity()));
      left -= content.remaining();
      while (content.hasRemaining()) {
        channel.write(content);
      }
    }
    readAnswer(200);
  }

  /** Asks for a WebSocket and reads the head of the answer. */
  public void upgrade(String resource) throws IOException {
    send(
        target.requestHead("GET", resource)
            + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
    requireStatus(readHead(), 101);
  }

  /** Sends a request and reads the head of the answer only. */
  public void open(String resource) throws IOException {
    send(target.requestHead("GET", resource) + "\r\n");
    requireStatus(readHead(), 200);
  }

  public void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  public void skip(long bytes) throws IOException {
    for (long left = bytes; left > 0; ) {
      if (!in.hasRemaining()) {
        fill();
      }
      int step = (int) Math.min(left, in.remaining());
      in.position(in.position() + step);
      left -= step;
    }
  }

  public String readLine() throws IOException {
    var line = new StringBuilder();
    while (true) {
      if (!in.hasRemaining()) {
        fill();
      }
      char next = (char) in.get();
      if (next == '\n') {
        return line.toString().stripTrailing();
      }
      line.append(next);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new BenchException("a connection to port " + target.port() + " cannot be closed", e);
    }
  }

  private long readAnswer(int status) throws IOException {
    var head = readHead();
    requireStatus(head, status);
    var lower = head.toLowerCase(Locale.ROOT);
    int at = lower.indexOf("\ncontent-length:");
    if (at < 0) {
      throw new IOException(
          "an answer without Content-Length from port " + target.port() + ": " + head);
    }
    int from = at + "\ncontent-length:".length();
    long length = Long.parseLong(lower.substring(from, lower.indexOf('\n', from)).strip());
    skip(length);
    return length;
  }

  private String readHead() throws IOException {
    var head = new StringBuilder();
    for (var line = readLine(); !line.isEmpty(); line = readLine()) {
      head.append(line).append('\n');
    }
    return head.toString();
  }

  private void requireStatus(String head, int status) throws IOException {
    if (!head.startsWith("HTTP/1.1 " + status)) {
      throw new IOException(
          "port " + target.port() + " answered " + head + " instead of " + status);
    }
  }

  private void send(String head) throws IOException {
    write(ByteBuffer.wrap(head.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private void fill() throws IOException {
    in.clear();
    int read = channel.read(in);
    in.flip();
    if (read < 0) {
      throw new EOFException(
          "port " + target.port() + " closed the connection in the middle of an answer");
    }
  }
}
