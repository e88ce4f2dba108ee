// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A server behind HaRP that keeps each request as it came and answers as it is told: an ExApp, a
 * container engine, or Nextcloud. One connection, one thread.
 */
final class RawServer implements AutoCloseable {

  /** A request with this header keeps its body: the behaviour reads it. */
  static final String UNREAD = "X-Unread";

  /** Answers a request on its connection. */
  @FunctionalInterface
  interface Behaviour {
    void answer(Received request, InputStream in, OutputStream out) throws Exception;
  }

  private final ServerSocket socket;
  private final List<Received> requests = new CopyOnWriteArrayList<>();
  private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();
  private volatile Behaviour fallback = (request, in, out) -> out.write(ok("hello"));

  RawServer() {
    this("127.0.0.1");
  }

  RawServer(String address) {
    try {
      socket = new ServerSocket(0, 200, InetAddress.getByName(address));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    start("accept", this::accept);
  }

  int port() {
    return socket.getLocalPort();
  }

  /** How requests for this target are answered. */
  void on(String target, Behaviour behaviour) {
    behaviours.put(target, behaviour);
  }

  /** How all other requests are answered. */
  void otherwise(Behaviour behaviour) {
    fallback = behaviour;
  }

  /** All requests so far. */
  List<Received> requests() {
    return requests;
  }

  /** The requests whose target contains this text. */
  List<Received> requests(String part) {
    return requests.stream().filter(request -> request.target().contains(part)).toList();
  }

  static byte[] ok(String body) {
    return answer("200 OK", "text/plain", body);
  }

  static byte[] json(int status, String body) {
    return answer(status + " Status", "application/json", body);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static byte[] answer(String status, String type, String body) {
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    var head =
        "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
            .formatted(status, type, bytes.length);
    var all = new ByteArrayOutputStream();
    all.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
    all.writeBytes(bytes);
    return all.toByteArray();
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        var connection = socket.accept();
        start("connection", () -> serve(connection));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      var in = new BufferedInputStream(connection.getInputStream());
      var out = connection.getOutputStream();
      for (var head = HeadReader.read(in); head.isPresent(); head = HeadReader.read(in)) {
        var request = new Received(head.get(), body(head.get(), in, out));
        requests.add(request);
        behaviours.getOrDefault(request.target(), fallback).answer(request, in, out);
        out.flush();
      }
    } catch (Exception over) {
      // The other side left, or the behaviour ends the connection this way.
      return;
    }
  }

  private static byte[] body(List<String> head, InputStream in, OutputStream out)
      throws IOException {
    if (!Headers.valuesOf(head, UNREAD).isEmpty()) {
      return new byte[0];
    }
    if (!Headers.valuesOf(head, "expect").isEmpty()) {
      out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }
    var lengths = Headers.valuesOf(head, "content-length");
    if (!lengths.isEmpty()) {
      return in.readNBytes(Integer.parseInt(lengths.get(0)));
    }
    var bytes = new ByteArrayOutputStream();
    if (Headers.valuesOf(head, "transfer-encoding").contains("chunked")) {
      for (var size = HeadReader.line(in); size != null; size = HeadReader.line(in)) {
        var chunk = in.readNBytes(Integer.parseInt(size, 16));
        HeadReader.line(in);
        if (chunk.length == 0) {
          break;
        }
        bytes.write(chunk);
      }
    }
    return bytes.toByteArray();
  }

  private static void start(String name, Runnable task) {
    var thread = new Thread(task, "raw-server-" + name);
    thread.setDaemon(true);
    thread.start();
  }
}
