// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A local service that answers each connection with what it sends. */
public final class EchoServer implements AutoCloseable {

  private final ServerSocket listener;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();

  private EchoServer(ServerSocket listener) {
    this.listener = listener;
    threads.execute(this::accept);
  }

  public static EchoServer start() throws IOException {
    return new EchoServer(new ServerSocket(0, 256, InetAddress.getLoopbackAddress()));
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Resets every connection, as a crashing service does. */
  public void resetConnections() throws IOException {
    for (var connection : connections) {
      connection.setSoLinger(true, 0);
      connection.close();
    }
  }

  /** How many connections are open right now. */
  public int openConnections() {
    return connections.size();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        var connection = listener.accept();
        connections.add(connection);
        threads.execute(() -> echo(connection));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void echo(Socket connection) {
    try (connection) {
      connection.getInputStream().transferTo(connection.getOutputStream());
    } catch (IOException expected) {
      // The other side has gone.
    } finally {
      connections.remove(connection);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (var connection : connections) {
      connection.close();
    }
    threads.shutdownNow();
  }
}
