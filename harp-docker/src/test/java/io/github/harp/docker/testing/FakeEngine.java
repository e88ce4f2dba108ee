// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.testing;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/**
 * Something on a loopback port that a test makes behave like an engine, a broken engine, or no
 * engine at all. One request per connection.
 */
public final class FakeEngine implements AutoCloseable {

  /** What came. */
  public record Request(String method, String target, Map<String, String> headers, byte[] body) {

    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    /** {@code GET /containers/x/json}, without the query. */
    public String call() {
      return method + " " + target.replaceFirst("\\?.*", "");
    }
  }

  /** What to do about it, on a connection that is closed afterwards. */
  @FunctionalInterface
  public interface Reply {
    void to(OutputStream out) throws IOException, InterruptedException;

    static Reply json(int status, String body) {
      return raw(
          "HTTP/1.1 "
              + status
              + " Whatever\r\nContent-Type: application/json\r\nContent-Length: "
              + body.getBytes(StandardCharsets.UTF_8).length
              + "\r\n\r\n"
              + body);
    }

    static Reply status(int status) {
      return raw("HTTP/1.1 " + status + " Whatever\r\nContent-Length: 0\r\n\r\n");
    }

    static Reply no(int status, String message) {
      return json(status, "{\"message\":\"" + message + "\"}");
    }

    static Reply raw(String bytes) {
      return out -> out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Says nothing until the engine is closed. */
    static Reply silence() {
      return out -> new CountDownLatch(1).await();
    }

    /** Output of an exec on its standard output. */
    static Reply frames(String text) {
      var bytes = text.getBytes(StandardCharsets.UTF_8);
      return out -> {
        out.write(
            "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
        out.write(new byte[] {1, 0, 0, 0, 0, 0, (byte) (bytes.length >> 8), (byte) bytes.length});
        out.write(bytes);
      };
    }
  }

  /** Decides by the head alone where a test has to answer before the body is there. */
  public interface Script {
    Reply on(Request request) throws IOException;

    default boolean wantsBody(Request head) {
      return true;
    }
  }

  private final ServerSocket server;
  private final Script script;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Map<Socket, Thread> connections = new ConcurrentHashMap<>();
  private final Thread acceptor;

  public FakeEngine(Script script) throws IOException {
    this.script = script;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.acceptor = new Thread(this::accept, "fake-engine");
    acceptor.start();
  }

  public SocketUpstream upstream() {
    return new SocketUpstream(server.getLocalSocketAddress());
  }

  /** In the order they came. */
  public List<Request> requests() {
    return List.copyOf(requests);
  }

  public List<String> calls() {
    return requests().stream().map(Request::call).toList();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        var socket = server.accept();
        var thread = new Thread(() -> serve(socket), "fake-engine-connection");
        connections.put(socket, thread);
        thread.start();
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      var in = new BufferedInputStream(socket.getInputStream());
      var head = head(in);
      var request = head;
      if (script.wantsBody(head)) {
        request = new Request(head.method(), head.target(), head.headers(), body(head, in));
      }
      requests.add(request);
      script.on(request).to(socket.getOutputStream());
      socket.shutdownOutput();
    } catch (IOException | InterruptedException e) {
      // The other side went, or the test is over.
    } finally {
      connections.remove(socket);
    }
  }

  private static Request head(InputStream in) throws IOException {
    var first = line(in).split(" ");
    if (first.length != 3) {
      throw new IOException("not HTTP");
    }
    var headers = new ConcurrentHashMap<String, String>();
    for (var line = line(in); !line.isEmpty(); line = line(in)) {
      var parts = line.split(":", 2);
      if (parts.length != 2) {
        throw new IOException("not HTTP");
      }
      headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1].strip());
    }
    return new Request(first[0], first[1], headers, new byte[0]);
  }

  private static byte[] body(Request head, InputStream in) throws IOException {
    if (!"chunked".equals(head.headers().get("transfer-encoding"))) {
      return in.readNBytes(Integer.parseInt(head.headers().getOrDefault("content-length", "0")));
    }
    var pieces = new ArrayList<byte[]>();
    for (var size = size(in); size > 0; size = size(in)) {
      pieces.add(in.readNBytes(size));
      line(in);
    }
    line(in);
    var all = new ByteArrayOutputStream();
    pieces.forEach(all::writeBytes);
    return all.toByteArray();
  }

  private static int size(InputStream in) throws IOException {
    return Integer.parseInt(line(in), 16);
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (var next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new IOException("closed by the client");
      }
      line.append((char) next);
    }
    return line.toString().strip();
  }

  @Override
  public void close() {
    try {
      server.close();
      acceptor.join();
      for (var connection : connections.entrySet()) {
        connection.getKey().close();
        connection.getValue().interrupt();
        connection.getValue().join();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
