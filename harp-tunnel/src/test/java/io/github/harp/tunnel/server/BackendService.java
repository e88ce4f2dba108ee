// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The service behind a client: on each connection it reads one line and does what it says.
 *
 * <ul>
 *   <li>{@code echo}: sends everything back
 *   <li>{@code send <bytes>}: sends that many bytes of {@link Pattern} and closes
 *   <li>{@code sink}: reads and never answers
 *   <li>{@code abort <bytes>}: sends that many bytes and resets the connection
 *   <li>{@code count}: answers, when the peer has ended its side, how many bytes came
 * </ul>
 */
final class BackendService implements AutoCloseable {

  private final ServerSocket listener;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();

  BackendService() {
    try {
      listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start("backend", this::acceptAll);
  }

  int port() {
    return listener.getLocalPort();
  }

  int openConnections() {
    return connections.size();
  }

  private void acceptAll() {
    while (!listener.isClosed()) {
      try {
        Socket connection = listener.accept();
        connection.setTcpNoDelay(true);
        connections.add(connection);
        start("backend connection", () -> serve(connection));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      InputStream in = connection.getInputStream();
      String[] order = readLine(in).split(" ");
      switch (order[0]) {
        case "echo" -> echo(connection);
        case "send" -> Pattern.writeTo(connection.getOutputStream(), Long.parseLong(order[1]));
        case "sink" -> in.transferTo(OutputStream.nullOutputStream());
        case "abort" -> abort(connection, Long.parseLong(order[1]));
        default -> throw new IOException("unknown order " + order[0]);
      }
    } catch (IOException ended) {
      // the peer left: nothing to do
    } finally {
      connections.remove(connection);
    }
  }

  private static void echo(Socket connection) throws IOException {
    byte[] buffer = new byte[64 * 1024];
    for (int n = connection.getInputStream().read(buffer);
        n >= 0;
        n = connection.getInputStream().read(buffer)) {
      connection.getOutputStream().write(buffer, 0, n);
    }
  }

  private static void abort(Socket connection, long bytes) throws IOException {
    Pattern.writeTo(connection.getOutputStream(), bytes);
    connection.setSoLinger(true, 0);
  }

  private static String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      line.append((char) c);
    }
    return line.toString();
  }

  private static void start(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket connection : connections) {
        connection.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
