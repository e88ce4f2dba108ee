// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server whose every connection is played by a script; an ExApp or engine to the proxy. */
public final class ScriptedServer implements AutoCloseable {

  /** What to do with one connection. */
  public interface Script {
    void play(RawConnection connection) throws Exception;
  }

  private final ServerSocket server;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            var thread = new Thread(task, "scripted-server");
            thread.setDaemon(true);
            return thread;
          });
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<Throwable> problems = new CopyOnWriteArrayList<>();
  private volatile Script script;

  public ScriptedServer(Script script) throws IOException {
    this.script = script;
    this.server = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
    threads.execute(this::acceptAll);
  }

  /** Reads requests and answers each with the same bytes. */
  public static Script answering(String response) {
    return connection -> {
      while (true) {
        connection.readRequest();
        connection.send(response);
      }
    };
  }

  public void play(Script next) {
    script = next;
  }

  /**
   * From now on each connection has one request, answered with {@code response}.
   *
   * @return the first of them
   */
  public CompletableFuture<RawConnection.Message> capture(String response) {
    var first = new CompletableFuture<RawConnection.Message>();
    play(
        connection -> {
          first.complete(connection.readRequest());
          connection.send(response);
          connection.readToEnd();
        });
    return first;
  }

  public int port() {
    return server.getLocalPort();
  }

  /** How many connections have been made to it. */
  public int connections() {
    return sockets.size();
  }

  public List<Throwable> problems() {
    return problems;
  }

  private void acceptAll() {
    while (!server.isClosed()) {
      try {
        var socket = server.accept();
        sockets.add(socket);
        threads.execute(() -> play(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void play(Socket socket) {
    try (var connection = new RawConnection(socket)) {
      script.play(connection);
    } catch (IOException ended) {
      // The proxy closes its connections when it likes.
    } catch (Throwable problem) {
      problems.add(problem);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (var socket : sockets) {
      socket.close();
    }
    threads.shutdownNow();
  }
}
